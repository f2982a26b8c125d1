"""Turning clips into files. Knows clips only by the catalogue."""

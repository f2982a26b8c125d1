"""Clips of the chapter "Through layers"."""

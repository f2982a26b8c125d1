"""Clips of the chapter "Beyond one line"."""

"""Clips of the chapter "Real handwriting"."""

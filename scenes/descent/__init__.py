"""Clips of the chapter "Downhill"."""

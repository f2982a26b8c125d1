"""Clips of the chapter "Errors on their way back"."""

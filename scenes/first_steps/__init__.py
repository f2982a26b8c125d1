"""Clips of the chapter "Guess, compare, correct"."""

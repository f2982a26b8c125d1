"""The commands of render.py: they parse, call and print."""

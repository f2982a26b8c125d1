"""Clips of the chapter "One neuron"."""

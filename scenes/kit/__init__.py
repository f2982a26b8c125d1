"""What clips share: the base class, text and live numbers, plots, diagrams, images."""

"""The actors: what all clips share, each with its verbs."""

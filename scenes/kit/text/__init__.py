"""Text: fonts, outlines of letters, words and live numbers, formulas, and what keeps them on disk."""

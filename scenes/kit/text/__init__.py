"""Text: fonts, outlines of letters, words, live numbers, formulas, and their store on disk."""

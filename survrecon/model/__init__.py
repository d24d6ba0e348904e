"""The nouns: curves, risk tables, patients, estimates, published facts; nothing here reads a file."""

"""Guyot's algorithm of 2012, and our extension of it."""

"""The stages in order: a figure, a record or points in, everything that came of it out."""

"""The stages in order: a record in, everything that came of it out."""

"""Rebuilt against published: margins, how each quantity is obtained, and the verdicts."""

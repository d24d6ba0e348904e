"""Re-analysis of rebuilt patients; lifelines is imported in this package alone, inside functions."""

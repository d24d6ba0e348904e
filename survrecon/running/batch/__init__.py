"""Many figures: a manifest in, a folder a figure and a summary out."""

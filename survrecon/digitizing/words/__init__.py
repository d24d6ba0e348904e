"""Everything about the words of a figure, from a text layer or from character recognition alike."""

"""From a traced line to the corners of a step curve, to a fraction of a pixel."""

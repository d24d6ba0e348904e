"""Progression-free and overall survival of one trial: which draws go together, and what the two curves say jointly."""

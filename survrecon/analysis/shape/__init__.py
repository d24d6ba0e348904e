"""The shape of hazards before any model: smoothed hazards, how a hazard ratio changes with time, weighted tests."""

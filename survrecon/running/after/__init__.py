"""After the hazard ratio: patients of a run or of files, their fits, shape of hazards, hand-over, several trials."""

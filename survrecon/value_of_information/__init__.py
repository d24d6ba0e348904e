"""How much narrower the hazard ratio would be with more of what papers print."""

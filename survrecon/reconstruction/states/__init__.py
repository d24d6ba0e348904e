"""State-space reconstruction: number at risk and exact Kaplan-Meier value as hidden states behind the points."""

"""The state-space method: number at risk and exact Kaplan-Meier value as hidden states behind the curve."""

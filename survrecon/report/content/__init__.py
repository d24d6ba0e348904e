"""What reports say, before any format: checks, fit, provenance, the checklist."""

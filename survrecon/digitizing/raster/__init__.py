"""Figures as pixels: calibration, colours, traces, steps and censoring marks."""

"""Rebuild patients from published Kaplan-Meier curves, and check what the paper says."""

__version__ = "0.1.0"

"""Figures as drawing commands of a PDF or SVG."""

"""Files of a report."""

from __future__ import annotations

__all__ = ["OVERLAY", "REPORT_FILES"]

OVERLAY = "overlay.png"
"""What was read, drawn on the figure; beside the record of a digitized one."""
REPORT_FILES = ("report.json", "report.html", "curves.svg", "curves.png")
"""What a report consists of, in a run's folder."""

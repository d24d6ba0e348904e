"""Files of a report."""

from __future__ import annotations

from survrecon.outputs import refuse_unwritable, write_whole

__all__ = ["OVERLAY", "REPORT_FILES", "refuse_unwritable", "write_whole"]

OVERLAY = "overlay.png"
"""What was read, drawn on the figure; beside the record of a digitized one."""
REPORT_FILES = ("report.json", "report.html", "curves.svg", "curves.png")
"""What a report consists of, in a run's folder."""

"""Rebuild patients from published Kaplan-Meier curves, and check what the paper says."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from survrecon.analysis.comparison import compare_arms, summarize_arm
    from survrecon.constraints.entry import constrain
    from survrecon.curve import Repair, Resolution, RiskTable, SurvivalCurve
    from survrecon.digitizing.entry import digitize
    from survrecon.errors import SurvreconError
    from survrecon.estimate import Estimate, Interval
    from survrecon.figure import FigureRecord, catalogue, read_figure
    from survrecon.information.entry import what_would_help
    from survrecon.ipd import PseudoIPD, Reconstruction
    from survrecon.pipeline.batch import batch
    from survrecon.pipeline.catalogue_run import reproduce
    from survrecon.pipeline.run import run_record
    from survrecon.published import PublishedFact
    from survrecon.reconstruction.reconstruct import reconstruct
    from survrecon.record_from_points import new_record

__version__ = "0.1.0"

__all__ = [
    "Estimate",
    "FigureRecord",
    "Interval",
    "PseudoIPD",
    "PublishedFact",
    "Reconstruction",
    "Repair",
    "Resolution",
    "RiskTable",
    "SurvivalCurve",
    "SurvreconError",
    "batch",
    "catalogue",
    "compare_arms",
    "constrain",
    "digitize",
    "new_record",
    "read_figure",
    "reconstruct",
    "reproduce",
    "run_record",
    "summarize_arm",
    "what_would_help",
]

_HOME = {
    "Estimate": "survrecon.estimate",
    "FigureRecord": "survrecon.figure",
    "Interval": "survrecon.estimate",
    "PseudoIPD": "survrecon.ipd",
    "PublishedFact": "survrecon.published",
    "Reconstruction": "survrecon.ipd",
    "Repair": "survrecon.curve",
    "Resolution": "survrecon.curve",
    "RiskTable": "survrecon.curve",
    "SurvivalCurve": "survrecon.curve",
    "SurvreconError": "survrecon.errors",
    "batch": "survrecon.pipeline.batch",
    "catalogue": "survrecon.figure",
    "compare_arms": "survrecon.analysis.comparison",
    "constrain": "survrecon.constraints.entry",
    "digitize": "survrecon.digitizing.entry",
    "new_record": "survrecon.record_from_points",
    "read_figure": "survrecon.figure",
    "reconstruct": "survrecon.reconstruction.reconstruct",
    "reproduce": "survrecon.pipeline.catalogue_run",
    "run_record": "survrecon.pipeline.run",
    "summarize_arm": "survrecon.analysis.comparison",
    "what_would_help": "survrecon.information.entry",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that importing survrecon costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

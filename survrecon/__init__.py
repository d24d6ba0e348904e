"""Rebuild patients from published Kaplan-Meier curves, and check what the paper says."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from survrecon.analysis.comparison import compare_arms, summarize_arm
    from survrecon.digitizing.entry import digitize
    from survrecon.errors import SurvreconError
    from survrecon.model.curve import Repair, Resolution, RiskTable, SurvivalCurve
    from survrecon.model.estimate import Estimate, Interval
    from survrecon.model.ipd import PseudoIPD, Reconstruction
    from survrecon.model.published import PublishedFact
    from survrecon.reconstruction.reconstruct import reconstruct
    from survrecon.records.folder import FigureRecord, catalogue, read_figure
    from survrecon.records.new import new_record
    from survrecon.running.batch.batch import batch
    from survrecon.running.catalogue import reproduce
    from survrecon.running.record import run_record
    from survrecon.value_of_information.what_would_help import what_would_help
    from survrecon.weighting.constrain import constrain

__version__ = "0.1.1"

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
    "Estimate": "survrecon.model.estimate",
    "FigureRecord": "survrecon.records.folder",
    "Interval": "survrecon.model.estimate",
    "PseudoIPD": "survrecon.model.ipd",
    "PublishedFact": "survrecon.model.published",
    "Reconstruction": "survrecon.model.ipd",
    "Repair": "survrecon.model.curve",
    "Resolution": "survrecon.model.curve",
    "RiskTable": "survrecon.model.curve",
    "SurvivalCurve": "survrecon.model.curve",
    "SurvreconError": "survrecon.errors",
    "batch": "survrecon.running.batch.batch",
    "catalogue": "survrecon.records.folder",
    "compare_arms": "survrecon.analysis.comparison",
    "constrain": "survrecon.weighting.constrain",
    "digitize": "survrecon.digitizing.entry",
    "new_record": "survrecon.records.new",
    "read_figure": "survrecon.records.folder",
    "reconstruct": "survrecon.reconstruction.reconstruct",
    "reproduce": "survrecon.running.catalogue",
    "run_record": "survrecon.running.record",
    "summarize_arm": "survrecon.analysis.comparison",
    "what_would_help": "survrecon.value_of_information.what_would_help",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that importing survrecon costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

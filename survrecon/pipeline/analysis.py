"""Patients from files, compared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from survrecon.analysis.comparison import compare_arms, summarize_arm
from survrecon.analysis.results import ArmSummary, Comparison, arms_of
from survrecon.errors import AnalysisError
from survrecon.ipd import PseudoIPD
from survrecon.pipeline.patients_csv import read_draws, read_patients

__all__ = ["analyze_files"]


def analyze_files(
    files: Sequence[Path],
    *,
    draw_files: Sequence[Path] = (),
    control: str | None = None,
    tau: float | None = None,
) -> tuple[tuple[ArmSummary, ...], tuple[Comparison, ...]]:
    """Compare every arm in ``files`` with the control.

    Parameters
    ----------
    files, draw_files : sequences of Path
        Data sets, and draws of the same arms.
    control : str, optional
        The control arm; default the first.
    tau : float, optional
        Horizon of the restricted mean.

    Returns
    -------
    tuple
        Arms, control first, and one comparison a treatment (none for a single arm).

    Raises
    ------
    AnalysisError
        If an arm comes twice, the control is unknown, or draws belong to no arm.
    """
    arms: dict[str, PseudoIPD] = {}
    for path in files:
        for ipd in read_patients(path, time_unit=_time_unit(path)):
            if ipd.arm in arms:
                raise AnalysisError(str(path), "each arm comes once", f"a second arm {ipd.arm!r}", "rename one of them")
            arms[ipd.arm] = ipd
    draws = {arm: found for path in draw_files for arm, found in read_draws(path, time_unit=_time_unit(path)).items()}
    stray = set(draws) - set(arms)
    if stray:
        raise AnalysisError(
            "--draws", f"draws of {', '.join(arms)}", f"of {', '.join(sorted(stray))}", "give the arm's data set too"
        )
    first = next(iter(arms)) if control is None else control
    if first not in arms:
        raise AnalysisError("--control", f"one of {', '.join(arms)}", repr(control), "name an arm of the files")
    patients = {name: draws.get(name) or ipd for name, ipd in arms.items()}
    others = [name for name in arms if name != first]
    if not others:
        return (summarize_arm(patients[first]),), ()
    comparisons = tuple(compare_arms(control=patients[first], treatment=patients[name], tau=tau) for name in others)
    return arms_of(comparisons), comparisons


def _time_unit(path: Path) -> str:
    """Return the unit that the file's own ``.json`` tells, or an ``ipd.json`` beside it that lists the file.

    A file that merely lies beside an ``ipd.json`` is no part of it: its unit stays unnamed.
    """
    stem = Path(path.name.removesuffix(".gz")).stem
    own = [path.with_name(f"{name}.json") for name in (stem, stem.removesuffix("_draws"))]
    for sidecar in dict.fromkeys((*own, path.with_name("ipd.json"))):
        try:
            told = json.loads(sidecar.read_text(encoding="utf-8"))
            unit, listed = told["time_unit"], sidecar in own or path.name in told["files"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if listed:
            return str(unit)
    return "time units"

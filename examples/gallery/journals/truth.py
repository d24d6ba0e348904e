"""What a figure shows, written down as a person would transcribe it: axes, arms, cells, survival, printed results."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from examples.gallery.journals.trial import Look, Trial
    from survrecon.model.ipd import PseudoIPD

__all__ = ["Printed", "truth_of"]

_CHECKPOINTS = 10
_NEARBY = 0.03  # of the time axis: a checkpoint moves to the longest level within this
_SHORTEST = 0.004  # of the time axis: a level of a pixel or two can be read by nobody, and bears no checkpoint
_TOLERANCE = 0.004  # of survival: what a person reads a level to


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What is printed in the figure beside its curves.

    Parameters
    ----------
    ratio : bool
        Whether the hazard ratio of the second group over the first is printed.
    direction : bool
        Whether the words say of what over what.
    p : str or None
        The log-rank p.
    medians, milestones : dict of str to str, list of str
        As printed, by group.
    risk : bool
        Whether there is a table of numbers at risk.
    first_time : float
        Its first column.
    n : bool
        Whether numbers of patients stand in the figure.
    names : bool
        Whether the names do.
    other_names : dict of str to list of str
        Further names of a group in the same figure.
    events : bool
        Whether numbers of events are printed.
    """

    ratio: bool = False
    direction: bool = False
    p: str | None = None
    medians: dict[str, str] = field(default_factory=dict)
    milestones: list[str] = field(default_factory=list)
    risk: bool = True
    first_time: float = 0.0
    n: bool = True
    other_names: dict[str, list[str]] = field(default_factory=dict)
    events: bool = False


def truth_of(name: str, about: str, trial: Trial, printed: Printed) -> dict[str, Any]:
    """Return the truth of a figure as plain values, ready for JSON."""
    look = trial.look
    ratio = _ratio(trial) if len(trial.arms) == 2 else None
    return {
        "id": name,
        "kind": "cumulative_incidence_1_minus_S" if look.rising else "survival",
        "panels_in_image": 1,
        "x": {"first": 0, "last": look.end, "unit": look.unit.lower()},
        "y": _survival_axis(look),
        "arms": [_arm(k, trial, printed) for k in range(len(trial.arms))],
        "printed": {
            **((ratio or {}) if printed.ratio else dict.fromkeys(("hr", "low", "high", "level", "of", "over"))),
            "direction_printed": printed.direction,
            "p": printed.p,
            "medians": printed.medians,
            "milestones": printed.milestones,
        },
        "published": ratio,
        "tags": [],
        "usable": True,
        "note": about,
        "source": {"citation": "drawn by this project from simulated patients", "endpoint": look.ylabel.lower()},
        "expected": "read",
        "words": [],
        "whole_follow_up": look.follow_up <= 1,
        "hr_class": "a",
    }


def _survival_axis(look: Look) -> dict[str, Any]:
    full = 100 if look.percent else 1
    return {"first": full * look.lowest, "last": full * look.highest, "percent": look.percent, "inset": False}


def _ratio(trial: Trial) -> dict[str, Any]:
    control, treatment = list(trial.arms)[:2]
    cox = trial.cox
    return {
        "hr": round(cox.ratio, 2),
        "low": round(cox.low, 2),
        "high": round(cox.high, 2),
        "level": 95,
        "of": treatment,
        "over": control,
    }


def _arm(k: int, trial: Trial, printed: Printed) -> dict[str, Any]:
    group, (name, ipd) = trial.look.groups[k], list(trial.arms.items())[k]
    times = [t for t in trial.times if t >= printed.first_time]
    others = [" ".join(group.label)] if group.label else []
    return {
        "name": name,
        "other_names": others + printed.other_names.get(name, []),
        "look": f"{group.colour} {group.dash}",
        "n": ipd.n if printed.n else None,
        "risk": {"times": times, "counts": ipd.at_risk(times).tolist()} if printed.risk else None,
        "censored": None,
        "events": ipd.events if printed.events else None,
        "survival": _checkpoints(ipd, trial.look),
        "ends_at": float(ipd.time.max()),
    }


def _checkpoints(ipd: PseudoIPD, look: Look) -> list[list[float]]:
    """Return times on long levels of a curve with what the axis shows there, as a fraction, and its tolerance."""
    last = float(ipd.time.max())
    edges = np.unique(np.concatenate([[0.0], ipd.kaplan_meier()[0], [last]]))
    found = []
    for share in (np.arange(_CHECKPOINTS) + 0.5) / _CHECKPOINTS:
        at = _on_a_level(edges, share * last, nearby=_NEARBY * look.end, shortest=_SHORTEST * look.end)
        survival = float(ipd.survival_at([at])[0])
        found.append([round(at, 4), round(1 - survival if look.rising else survival, 5), _TOLERANCE])
    return found


def _on_a_level(edges: npt.NDArray[np.float64], at: float, *, nearby: float, shortest: float) -> float:
    """Return the middle of the longest level about a time; where all are short, of the longest part of one there."""
    middles, lengths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    near = np.abs(middles - at) <= nearby
    if not near.any():
        return at
    k = int(np.argmax(np.where(near, lengths, 0.0)))
    if lengths[k] >= shortest:
        return float(middles[k])
    start, stop = np.maximum(edges[:-1], at - nearby), np.minimum(edges[1:], at + nearby)
    k = int(np.argmax(stop - start))
    return float((start[k] + stop[k]) / 2)

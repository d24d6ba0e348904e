"""What a batch reports of each figure, read from the reports in the figures' folders."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from math import log
from typing import TYPE_CHECKING, Any

from survrecon.checks.results import Verdict
from survrecon.files.tables import csv_text
from survrecon.model.estimate import Estimate, Interval, Scale, Status, format_decimals
from survrecon.model.published import Quantity
from survrecon.report.settings import TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BatchRow", "BatchStatus", "batch_to_dict", "finished_row", "summary_csv"]


class BatchStatus(StrEnum):
    """What became of a figure of a batch."""

    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchRow:
    """One figure of a batch, or one panel where all were asked for.

    Parameters
    ----------
    id : str
        Its name in the manifest.
    panel : str
        The panel, of a figure of which all were asked for; else empty.
    figure : str
        The file as the manifest names it.
    status : BatchStatus
        Done or failed.
    folder : str
        Its outputs, relative to the batch's folder; empty where it failed.
    seconds : float or None
        How long the whole figure took, when it was done.
    arms : tuple of str
        Names, control first.
    n, events : tuple of float
        Patients and events, by arm.
    contrasts : int
        How many treatments are compared with the control.
    hazard_ratio : Estimate or None
        The first contrast that is printed, or the first.
    printed : Estimate or None
        The same as printed, turned to the same direction.
    verdict : Verdict or None
        Of the printed one.
    warnings : int
        Doubts of the reading and warnings of the method; the report has their words.
    grade : str
        How far its reading can be relied on; empty where no program read it.
    error : str
        Why it failed.
    """

    id: str
    panel: str = ""
    figure: str
    status: BatchStatus
    folder: str = ""
    seconds: float | None = None
    arms: tuple[str, ...] = ()
    n: tuple[float, ...] = ()
    events: tuple[float, ...] = ()
    contrasts: int = 0
    hazard_ratio: Estimate | None = None
    printed: Estimate | None = None
    verdict: Verdict | None = None
    warnings: int = 0
    grade: str = ""
    error: str = ""


def finished_row(report: Mapping[str, Any], **known: Any) -> BatchRow:
    """Return the row of a figure from its ``report.json``.

    Parameters
    ----------
    report : mapping
        As `survrecon.report.json.result_to_dict` makes it.
    **known
        ``id``, ``panel``, ``figure``, ``folder`` and ``seconds``.
    """
    contrasts = report["contrasts"]
    checks = [check for check in report["checks"] if check["quantity"] == Quantity.HAZARD_RATIO]
    check = checks[0] if checks else None
    pair = {check["fact"]["of"], check["fact"]["over"]} if check else set()
    contrast = next((c for c in contrasts if {c["of"], c["over"]} == pair), contrasts[0] if contrasts else None)
    return BatchRow(
        status=BatchStatus.DONE,
        arms=tuple(arm["name"] for arm in report["arms"]),
        n=tuple(arm["n"] for arm in report["arms"]),
        events=tuple(arm["events"] for arm in report["arms"]),
        contrasts=len(contrasts),
        hazard_ratio=_rebuilt(contrast) if contrast else None,
        printed=_printed(check, contrast) if check and contrast else None,
        verdict=Verdict(check["verdict"]) if check else None,
        warnings=len(report["warnings"]) + len(report["doubts"]) + len(report["provenance"].get("remarks", ())),
        grade=(report["reading"] or {}).get("grade", ""),
        **known,
    )


def _rebuilt(contrast: Mapping[str, Any]) -> Estimate:
    ratio = contrast["hazard_ratio"]
    interval = None if ratio["level"] is None else Interval(low=ratio["low"], high=ratio["high"], level=ratio["level"])
    return Estimate(
        value=ratio["value"],
        interval=interval,
        sampling_se=ratio["sampling_se"],
        reconstruction_se=ratio["reconstruction_se"],
        scale=Scale.LOG,
        of=contrast["of"],
        over=contrast["over"],
        status=Status(ratio["status"]),
    )


def _printed(check: Mapping[str, Any], contrast: Mapping[str, Any]) -> Estimate | None:
    fact, published = check["fact"], check["published"]
    if not isinstance(published, int | float):  # a bound, such as less than 0.5
        return None
    low, high = (end if isinstance(end, int | float) else None for end in fact.get("interval") or (None, None))
    interval = None if low is high is None else Interval(low=low, high=high, level=fact["level"])
    if interval is not None and check["turned"]:
        interval = interval.inverted()
    return Estimate(value=published, interval=interval, of=contrast["of"], over=contrast["over"], scale=Scale.LOG)


_COLUMNS = (
    *("id", "panel", "figure", "folder", "status", "seconds", "arms", "n", "events", "contrasts", "of", "over"),
    *("hazard_ratio", "hazard_ratio_low", "hazard_ratio_high"),
    *("printed_hazard_ratio", "printed_low", "printed_high", "difference_ln", "verdict", "warnings", "grade", "error"),
)


def summary_csv(rows: Sequence[BatchRow]) -> str:
    """Return the summary of a batch as CSV, one line per figure; values of several arms are parted by ``; ``."""
    found = map(batch_to_dict, rows)
    return csv_text(_COLUMNS, ([_cell(row[name]) for name in _COLUMNS] for row in found))


def batch_to_dict(row: BatchRow) -> dict[str, Any]:
    """Return a row as plain values, by the columns of the summary."""
    plain = {field.name: getattr(row, field.name) for field in fields(row)}
    ratio, printed = plain.pop("hazard_ratio"), plain.pop("printed")
    known = ratio is not None and ratio.value is not None
    return plain | {
        "arms": list(row.arms),
        "n": list(row.n),
        "events": list(row.events),
        "of": None if ratio is None else ratio.of,
        "over": None if ratio is None else ratio.over,
        **_three("hazard_ratio", "hazard_ratio", ratio),
        **_three("printed_hazard_ratio", "printed", printed),
        "difference_ln": log(ratio.value / printed.value) if known and printed is not None else None,
    }


def _three(value: str, stem: str, estimate: Estimate | None) -> dict[str, float | None]:
    interval = None if estimate is None else estimate.interval
    return {
        value: None if estimate is None else estimate.value,
        f"{stem}_low": None if interval is None else interval.low,
        f"{stem}_high": None if interval is None else interval.high,
    }


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case float():
            return (
                format_decimals(value, 4).rstrip("0").rstrip(".") if abs(value) < TEXT.largest_plain else f"{value:g}"
            )
        case list():
            return "; ".join(_cell(item) for item in value)
        case _:
            return " ".join(str(value).split())

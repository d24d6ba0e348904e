"""Hazard ratios rebuilt from published figures against those of their papers: every contrast of a list fixed before.

    python -m benchmarks.real_contrasts

`real_contrasts.toml` is the list. Nothing leaves it: what could not be judged counts in every denominator. A ratio of
class a is within its bar if it is at most max(0.05, SE/4) off on the log scale, one of class b within
max(0.05, 0.6 SE), with SE the standard error of the printed interval.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass, replace
from math import log, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.results import markdown_table, write_section
from survrecon.checks.agreement import published_log_se
from survrecon.checks.results import JUDGED
from survrecon.model.estimate import normal_quantile
from survrecon.records.folder import catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.checks.results import Agreement, RecordResult

__all__ = ["HEADER", "ContrastRow", "listed", "rows_of", "summary_rows"]

_LIST = Path(__file__).with_name("real_contrasts.toml")
_SHARE_OF_SE = {"a": 0.25, "b": 0.6}
_LEAST = 0.05
HEADER = [
    "contrasts",
    "all",
    "rebuilt",
    "judged",
    "within their bar",
    "median error of ln HR",
    "largest",
    "SE within 10%",
]
_DETAILS = [
    "contrast",
    "class",
    "style",
    "printed",
    "rebuilt",
    "d ln HR",
    "bar",
    "d / SD",
    "SE ratio",
    "grade",
    "edits",
    "verdict",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ContrastRow:
    """One contrast of the list: what is printed, what came out, by which reading, and the verdict.

    Parameters
    ----------
    name : str
        Record and arm.
    ratio_class, style : str
        Class of the printed ratio; how the figure is drawn.
    printed : str
        The ratio with its interval.
    rebuilt, difference, bar, se_ratio, standardized : float or None
        Ratio; ln rebuilt less ln printed; its bar; standard errors of ln HR, rebuilt over printed; the difference over
        the root of the variances of reconstruction and rounding.
    grade : str
        Of the reading by what holds inside the figure, before corrections.
    edits : int
        Corrections on record.
    read_again : bool
        Whether points or numbers at risk are among them.
    verdict : str
        See ``Verdict``.
    judged : bool
        Whether it has one of the five verdicts on a comparison.
    """

    name: str
    ratio_class: str
    style: str
    printed: str
    rebuilt: float | None
    difference: float | None
    bar: float | None
    se_ratio: float | None
    standardized: float | None
    grade: str
    edits: int
    read_again: bool
    verdict: str
    judged: bool

    @property
    def within_bar(self) -> bool:
        """Whether it was rebuilt within its bar."""
        return self.difference is not None and self.bar is not None and abs(self.difference) <= self.bar


def listed() -> list[dict[str, Any]]:
    """Return the list, in its order."""
    rows: list[dict[str, Any]] = tomllib.loads(_LIST.read_text(encoding="utf-8"))["contrast"]
    return rows


def rows_of(results: Sequence[RecordResult]) -> list[ContrastRow]:
    """Return a row for each contrast of the list.

    Parameters
    ----------
    results : sequence of RecordResult
        Of all records that the list names, among others.
    """
    by_name = {result.record.name: result for result in results}
    rows = []
    for entry in listed():
        result = by_name.get(entry["record"])
        if result is None:
            rows.append(_unreliable(entry))
            continue
        ratios = [check for check in result.checks if check.quantity == "hazard_ratio"]
        check = min(ratios, key=lambda one: _unlike(one, entry))
        rows.append(_row(result, check, entry))
    return rows


def _unreliable(entry: dict[str, Any]) -> ContrastRow:
    """Return the row of a contrast without a record: the reading of its figure is unreliable, nothing is rebuilt."""
    low, high = entry["interval"]
    share = _SHARE_OF_SE.get(entry["class"])
    se = log(high / low) / (2 * normal_quantile())
    return ContrastRow(
        name=f"{entry['record']}, {entry['of']}",
        ratio_class=entry["class"],
        style=entry["style"],
        printed=f"{entry['hazard_ratio']} ({low} to {high})",
        rebuilt=None,
        difference=None,
        bar=None if share is None else max(_LEAST, share * se),
        se_ratio=None,
        standardized=None,
        grade="unreliable",
        edits=0,
        read_again=False,
        verdict="not rebuilt",
        judged=False,
    )


def _unlike(check: Agreement, entry: dict[str, Any]) -> float:
    """Return how far a printed ratio with its interval is from an entry of the list."""
    fact, (low, high) = check.fact, entry.get("interval", (0.0, 0.0))
    interval = fact.interval
    ends = (0.0, 0.0) if interval is None else (interval.low or 0.0, interval.high or 0.0)
    return float(abs((fact.number or 0.0) - entry["hazard_ratio"]) + abs(ends[0] - low) + abs(ends[1] - high))


def _row(result: RecordResult, check: Agreement, entry: dict[str, Any]) -> ContrastRow:
    digitized = result.record.document.digitized
    printed, se = check.fact, published_log_se(check.fact)
    one = next((c for c in result.comparisons if {c.of, c.over} == {printed.of, printed.over}), None)
    share = _SHARE_OF_SE.get(entry["class"])
    bar = None if share is None else max(_LEAST, share * se[0] if se else 0.0)
    difference = se_ratio = standardized = None
    if check.obtained is not None and check.published:
        difference = log(check.obtained / check.published)
    if one is not None and difference is not None and printed.number:
        rounding = printed.rounding / printed.number / sqrt(3)  # of a uniform error, on the log scale
        spread = sqrt((one.hazard_ratio.reconstruction_se or 0.0) ** 2 + rounding**2)
        standardized = difference / spread
        se_ratio = (one.hazard_ratio.sampling_se or 0.0) / se[0] if se else None
    return ContrastRow(
        name=f"{entry['record']}, {entry['of']}",
        ratio_class=entry["class"],
        style=entry["style"],
        printed=printed.printed,
        rebuilt=check.obtained,
        difference=difference,
        bar=bar,
        se_ratio=se_ratio,
        standardized=standardized,
        grade="" if digitized.reading is None else str(digitized.reading.internal),
        edits=len(digitized.edits),
        read_again=any(edit.file.endswith(".csv") for edit in digitized.edits),
        verdict=str(check.verdict),
        judged=check.verdict in JUDGED,
    )


def summary_rows(rows: Sequence[ContrastRow]) -> list[list[str]]:
    """Return counts and errors of all contrasts, by class, as they were read, and after correction."""
    as_read = [
        replace(row, rebuilt=None, difference=None, se_ratio=None, judged=False) if row.read_again else row
        for row in rows
    ]
    groups = [
        ("all of the list, after correction", rows),
        ("all, those that were read again by a person as not rebuilt", as_read),
        *((f"class {one}", [row for row in rows if row.ratio_class == one]) for one in ("a", "b", "c")),
        ("reading graded good inside the figure", [row for row in rows if row.grade == "good"]),
        ("good, and nothing corrected", [row for row in rows if row.grade == "good" and not row.edits]),
        ("something corrected by a person", [row for row in rows if row.edits]),
    ]
    return [[name, *_summary(group)] for name, group in groups]


def _summary(rows: Sequence[ContrastRow]) -> list[str]:
    of_bar = [row for row in rows if row.bar is not None]
    errors = np.array([abs(row.difference) for row in of_bar if row.difference is not None])
    ratios = [row.se_ratio for row in of_bar if row.se_ratio is not None]
    near = sum(abs(ratio - 1) <= 0.10 for ratio in ratios)
    numbers = [f"{np.median(errors):.3f}", f"{errors.max():.3f}"] if errors.size else ["", ""]
    return [
        str(len(rows)),
        str(sum(row.rebuilt is not None for row in rows)),
        str(sum(row.judged for row in rows)),
        f"{sum(row.within_bar for row in of_bar)} of {len(of_bar)}" if of_bar else "no verdict",
        *numbers,
        f"{near} of {len(of_bar)}" if of_bar else "",
    ]


def _shown(value: float | None, decimals: int = 3, sign: str = "") -> str:
    return "" if value is None else f"{value:{sign}.{decimals}f}"


def _details(row: ContrastRow) -> list[str]:
    numbers = [_shown(row.difference, sign="+"), _shown(row.bar), _shown(row.standardized, 1, "+")]
    told = [_shown(row.se_ratio, 2), row.grade, str(row.edits), row.verdict]
    return [row.name, row.ratio_class, row.style, row.printed, _shown(row.rebuilt), *numbers, *told]


def report(results: Sequence[RecordResult]) -> str:
    """Return the section of RESULTS.md: counts, the table of groups, and every contrast."""
    rows = rows_of(results)
    counts = Counter(row.verdict for row in rows)
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    tables = (markdown_table(HEADER, summary_rows(rows)), markdown_table(_DETAILS, [_details(row) for row in rows]))
    return "\n\n".join([f"{len(rows)} contrasts: {said}.", *tables])


def main() -> None:
    """Rebuild the records of the list, print every contrast, and write the section of RESULTS.md."""
    from survrecon.running.front import reproduce

    names = dict.fromkeys(entry["record"] for entry in listed())
    made = {folder.name for folder in catalogue()}
    text = report(reproduce([name for name in names if name in made]))
    print(text)
    write_section("Hazard ratios of published figures", "python -m benchmarks.real_contrasts", text)


if __name__ == "__main__":
    main()

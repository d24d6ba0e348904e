"""docs/methods.md: its tables from RESULTS.md and from one rebuilt figure, and its two pictures.

    python -m benchmarks.methods_page [--tables]

With ``--tables`` the table of accuracy alone, after a benchmark was run; else everything, in a minute.
"""

from __future__ import annotations

import argparse
import re
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.digitized import own_cases
from benchmarks.methods_pictures import Answer, answers, answers_picture, curves_picture, svg
from benchmarks.options import first_line
from benchmarks.results import RESULTS, markdown_table
from survrecon.analysis.cox import contrast

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PAGE", "accuracy_table", "main", "with_table"]

PAGE = Path(__file__).parents[1] / "docs" / "methods.md"
_CASE, _ARMS, _UNIT = "gbsg2_hormone", ("without hormones", "with hormones"), "days"
_PROGRAMS = {
    "survrecon auto": "survrecon `auto`",
    "survrecon guyot": "survrecon `guyot`",
    "IPDfromKM": "IPDfromKM",
    "Guyot": "Guyot (kmdata)",
    "CIFresolve": "quadratic programme",
}
_POINTS = {"vector": "corners of a vector figure", "trace": "one a pixel column", "clicks": "a person's clicks"}
_KNOWN = {
    "none": "N alone",
    "events": "N, total events",
    "risk": "N, risk table",
    "full": "N, risk table, total events",
}


def accuracy_table(results: str) -> str:
    """Return the median errors of ln HR on the open benchmark, from the text of RESULTS.md."""
    rows = {(row["points"], row["information"], row["program"]): row for row in _rows(results)}
    lines = []
    for points, shown in _POINTS.items():
        for information, known in _KNOWN.items():
            found = [rows.get((points, information, program), {}) for program in _PROGRAMS]
            lines.append([shown, known, *(_cell(row) for row in found)])
    return markdown_table(["points", "known", *_PROGRAMS.values()], lines)


def _cell(row: dict[str, str]) -> str:
    failed = int(row.get("cases + failed", "0 + 0").split("+")[1])
    return row.get("ln HR error", "") + (f" ({failed} failed)" if failed and row["ln HR error"] else "")


def _rows(results: str) -> list[dict[str, str]]:
    section = re.search(r"<!-- Accuracy on the open benchmark: start -->(.*?)<!-- Accuracy", results, re.DOTALL)
    lines = [line for line in (section.group(1) if section else "").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def with_table(text: str, name: str, table: str) -> str:
    """Return the page with the table between the markers of ``name`` replaced."""
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    return re.sub(f"{start}.*?{end}", lambda _: f"{start}\n{table}\n{end}", text, flags=re.DOTALL)


def _answers_table(found: Sequence[Answer], truth: float, events: int) -> str:
    rows = [["the true patients", "", f"{exp(truth):.3f}", str(events), "", ""]]
    for one in found:
        low, high = np.exp(np.quantile(one.ratios, [0.025, 0.975]))
        least, most = np.quantile(one.events, [0.025, 0.975])
        rows.append(
            [
                _POINTS[one.points],
                one.name,
                f"{exp(one.guyot):.3f}",
                str(one.guyot_events),
                f"{low:.3f} to {high:.3f}",
                f"{least:.0f} to {most:.0f}" if most > least else f"{least:.0f}",
            ]
        )
    header = ["points", "known", "HR, Guyot", "events, Guyot", "HR, engine", "events, engine"]
    return markdown_table(header, rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page and its pictures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.methods_page", description=first_line(__doc__))
    parser.add_argument("--tables", action="store_true", help="the table of accuracy alone")
    only_tables = parser.parse_args(arguments).tables
    text = with_table(PAGE.read_text(encoding="utf-8"), "accuracy", accuracy_table(RESULTS.read_text(encoding="utf-8")))
    if not only_tables:
        case = next(c for c in own_cases() if c.name == _CASE)
        found, truth = answers(case), contrast(case.arms[0].patients, case.arms[1].patients).log_hr
        PAGE.with_name("methods_curves.svg").write_bytes(svg(curves_picture(case, _ARMS, _UNIT)))
        PAGE.with_name("methods_answers.svg").write_bytes(svg(answers_picture(case, found, _ARMS[0])))
        text = with_table(text, "answers", _answers_table(found, truth, case.arms[0].patients.events))
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

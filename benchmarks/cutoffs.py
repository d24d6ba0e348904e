"""Two data cut-offs of the case studies: which pairs of records may be joined, and how wide intervals are with it.

Usage: python -m benchmarks.cutoffs [--draws 200]
"""

from __future__ import annotations

import argparse
from itertools import combinations
from typing import TYPE_CHECKING

from benchmarks.options import first_line
from benchmarks.results import markdown_table
from survrecon.checks.cutoffs import why_not_joined
from survrecon.model.estimate import format_decimals
from survrecon.records.folder import catalogue, read_document
from survrecon.running.record import run_record

if TYPE_CHECKING:
    from survrecon.records.schema import RecordDocument

__all__ = ["main", "pair_rows", "width_rows"]


def pair_rows() -> list[list[str]]:
    """Return every pair of summary records of one trial and endpoint, and what keeps it from being joined."""
    documents = {folder.name: read_document(folder) for folder in catalogue()}
    rows = []
    for (one, first), (other, second) in combinations(documents.items(), 2):
        if _subject(first) != _subject(second) or first.digitized.kind != "summary":
            continue
        earlier, later = sorted((first, second), key=lambda document: document.analysis.data_cutoff or "")
        reasons = why_not_joined(earlier, later)
        rows.append([one, other, "; ".join(reasons) or "joined"])
    return rows


def _subject(document: RecordDocument) -> tuple[str, str]:
    return document.analysis.trial, document.analysis.endpoint


def width_rows(draws: int) -> list[list[str]]:
    """Return every quantity of the records that name another cut-off: alone, joint, ratio of widths."""
    rows = []
    for folder in catalogue():
        if read_document(folder).other_cutoff is None:
            continue
        joint = run_record(folder.name, draws=draws).joint
        assert joint is not None
        rows += [[folder.name, "not joined", joint.refused, "", ""]] if joint.refused else []
        for one in joint.quantities:
            ratio = "" if one.ratio is None else format_decimals(one.ratio, 2)
            texts = [estimate.format(one.decimals) for estimate in (one.alone, one.joint)]
            rows.append([folder.name, one.label, *texts, ratio])
    return rows


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cutoffs", description=first_line(__doc__))
    parser.add_argument("--draws", type=int, default=200)
    given = parser.parse_args()
    print(markdown_table(["record", "other record", "joined, or what keeps it from it"], pair_rows()))
    header = ["record", "quantity", "this cut-off alone", "both cut-offs", "ratio of widths"]
    print("\n" + markdown_table(header, width_rows(given.draws)))


if __name__ == "__main__":
    main()

"""Printed against rebuilt hazard ratios of the catalogue, and how long `reproduce` takes.

Usage: python -m benchmarks catalogue
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.results import markdown_table, write_section
from survrecon.report.content.checks import check_rows
from survrecon.running.front import reproduce

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.checks.results import RecordResult

HEADER = ["record", "class", "paper", "rebuilt (data sets allow)", "verdict"]


def hazard_ratio_rows(results: Sequence[RecordResult]) -> list[list[str]]:
    """Return a row a printed hazard ratio: its class, what the paper prints, what the inputs allow, the verdict."""
    rows = []
    for result in results:
        for check, row in zip(result.checks, check_rows(result), strict=True):
            if check.quantity != "hazard_ratio":
                continue
            printed = check.fact.printed
            if check.turned and check.published is not None:
                printed += f" of {check.fact.of}, so {check.published:.3f}"
            rebuilt = row.rebuilt + (f" ({row.reconstruction})" if row.reconstruction else "")
            rows.append([result.record.name, row.ratio_class or "", printed, rebuilt, str(check.verdict)])
    return rows


def main() -> None:
    """Run, print, and write the section of RESULTS.md."""
    start = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "survrecon", "reproduce", "-o", folder]
        status = subprocess.run(command, capture_output=True, check=False).returncode
    seconds = perf_counter() - start
    results = reproduce()
    text = markdown_table(HEADER, hazard_ratio_rows(results))
    text += f"\n\n`survrecon reproduce -o DIR` of all {len(results)} records: {seconds:.0f} s, exit status {status}."
    print(text)
    write_section("The catalogue", "python -m benchmarks catalogue", text)


if __name__ == "__main__":
    main()

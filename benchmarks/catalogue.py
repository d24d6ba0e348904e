"""Printed against rebuilt hazard ratios of the catalogue, and how long `reproduce` takes.

Usage: python -m benchmarks catalogue
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from math import log
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.results import markdown_table, write_section
from survrecon.checks.agreement import published_log_se
from survrecon.running.front import reproduce

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.checks.results import RecordResult

HEADER = ["record", "paper", "rebuilt (over draws)", "difference of ln HR", "margin", "verdict"]


def hazard_ratio_rows(results: Sequence[RecordResult]) -> list[list[str]]:
    """Return a row a printed hazard ratio; the bar is the larger of 0.10 and half the published standard error."""
    rows = []
    for result in results:
        for check in result.checks:
            if check.quantity != "hazard_ratio":
                continue
            se = published_log_se(check.fact)
            allowed = max(0.10, 0.5 * se[0] if se else 0.0)
            if check.obtained is None or check.published is None:
                rows.append([result.record.name, check.fact.printed, "", "", "", str(check.verdict)])
                continue
            ratio = result.comparisons[0].hazard_ratio
            spread = f"{check.obtained:.3f} (reconstruction SE {ratio.reconstruction_se or 0:.3f})"
            printed = check.fact.printed
            if check.fact.of != ratio.of:
                printed += f" of {check.fact.of}, so {check.published:.3f}"
            difference = log(check.obtained / check.published)
            rows.append(
                [result.record.name, printed, spread, f"{difference:+.3f}", f"{allowed:.2f}", str(check.verdict)]
            )
    return rows


def main() -> None:
    """Run, print, and write the section of RESULTS.md."""
    start = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "survrecon", "reproduce", "-o", folder]
        status = subprocess.run(command, capture_output=True, check=False).returncode
    seconds = perf_counter() - start
    text = markdown_table(HEADER, hazard_ratio_rows(reproduce()))
    text += f"\n\n`survrecon reproduce -o DIR` of all 22 records: {seconds:.0f} s, exit status {status}."
    print(text)
    write_section("The catalogue", "python -m benchmarks catalogue", text)


if __name__ == "__main__":
    main()

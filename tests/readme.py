"""Outputs in README and docs, and the README's table, as they come out; ``python -m tests.readme`` writes them anew."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.checks.results import RecordResult

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
_RUN = ("constraints", "start", "read_a_figure", "refused", "synthesise", "cite")
PAGES = (README, *(ROOT / "docs" / f"{name}.md" for name in _RUN))
"""Pages whose commands are run."""
_CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
_CONTRASTS = re.compile(r"(<!-- real contrasts: start -->\n).*?(<!-- real contrasts: end -->)", re.DOTALL)
_TABLE = re.compile(r"(<!-- hazard ratios: start -->\n).*?(<!-- hazard ratios: end -->)", re.DOTALL)


def with_outputs(text: str, folder: Path) -> str:
    """Return the README with each ``$ command`` of its console blocks followed by what it prints to stdout."""

    def run_block(block: re.Match[str]) -> str:
        commands = [line for line in block.group(1).splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"{line}\n{_run(line[2:], folder)}" for line in commands) + "```"

    return _CONSOLE.sub(run_block, text)


def with_table(text: str, results: Sequence[RecordResult]) -> str:
    """Return the README with the table of hazard ratios."""
    from benchmarks.catalogue import HEADER, hazard_ratio_rows
    from benchmarks.results import markdown_table

    table = markdown_table(HEADER, hazard_ratio_rows(results))
    return _TABLE.sub(lambda found: f"{found.group(1)}{table}\n{found.group(2)}", text)


def with_contrasts(text: str, results: Sequence[RecordResult]) -> str:
    """Return the README with the table of what came of the contrasts of published figures."""
    from benchmarks.real_contrasts import HEADER, rows_of, summary_rows
    from benchmarks.results import markdown_table

    table = markdown_table(HEADER, summary_rows(rows_of(results)))
    return _CONTRASTS.sub(lambda found: f"{found.group(1)}{table}\n{found.group(2)}", text)


def in_fresh_folder(do: Callable[[Path], str]) -> str:
    """Call ``do`` with a folder that holds the examples and nothing else."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "examples", folder / "examples")
        return do(folder)


def _run(command: str, folder: Path) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return done.stdout


def main() -> None:
    """Write the pages anew."""
    from survrecon.records.schema import SourceKind
    from survrecon.report.plots.forest import forest_plot
    from survrecon.running.front import reproduce

    for page in PAGES:
        page.write_text(in_fresh_folder(partial(with_outputs, page.read_text(encoding="utf-8"))), encoding="utf-8")
    results = reproduce()
    of_numbers = [result for result in results if result.record.kind is SourceKind.SUMMARY]
    text = with_table(README.read_text(encoding="utf-8"), of_numbers)
    README.write_text(with_contrasts(text, [one for one in results if one not in of_numbers]), encoding="utf-8")
    forest = forest_plot(results)
    if forest is not None:
        (ROOT / "docs" / "hazard_ratios.svg").write_bytes(forest)


if __name__ == "__main__":
    main()

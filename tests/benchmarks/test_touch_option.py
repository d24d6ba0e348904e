"""A new option of ``run`` touches two files: its declaration, and the place that uses it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import survrecon

PACKAGE = Path(survrecon.__file__).parent
ROOT = PACKAGE.parent
PATCH = ROOT / "benchmarks" / "touch" / "option.patch"
MOST_FILES = 2
POINTS = "time,survival\n0,1\n2,0.9\n4,0.7\n6,0.6\n8,0.6\n"
CHECK = """
import sys
from survrecon.running.options import read_manifest
[row] = read_manifest(sys.argv[1])
assert dict(row.settings) == {"at": (3.0, 7.0)}, row.settings
assert row.words == ("--at", "3,7"), row.words
"""


def test_files_that_a_new_option_touches() -> None:
    touched = [line for line in PATCH.read_text(encoding="utf-8").splitlines() if line.startswith("+++ ")]
    assert len(touched) <= MOST_FILES


@pytest.mark.slow
def test_the_new_option_works_everywhere(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(PACKAGE, copy / "survrecon", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "digitized_curves").mkdir()
    subprocess.run(["git", "apply", PATCH], cwd=copy, check=True)
    for arm in "AB":
        (copy / f"{arm}.csv").write_text(POINTS)
    (copy / "manifest.csv").write_text('figure,at\na.png,"3,7"\n')

    def call(*words: str) -> str:
        done = subprocess.run([sys.executable, *words], cwd=copy, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "--at T,..." in call("-m", "survrecon", "run", "--help")
    call("-c", CHECK, "manifest.csv")
    call("-m", "survrecon", "new", "r", "--arm", "A=A.csv", "--arm", "B=B.csv", "--n", "A=20,B=20")
    said = call("-m", "survrecon", "run", "r", "--method", "guyot", "--at", "3,7", "--json", "-o", "out")
    assert {3, 7} <= {found["at"] for found in json.loads(said)["arms"][0]["milestones"]}
    assert json.loads((copy / "out" / "run.json").read_text())["at"] == [3, 7]
    call("-m", "survrecon", "report", "out")

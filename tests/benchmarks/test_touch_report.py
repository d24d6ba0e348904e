"""How many files a change touches: a quantity three, a plot of the report two, a format of points two.

Each patch works in a copy.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATCHES = ROOT / "benchmarks" / "touch"
LISTED = """
from survrecon.report.catalogue import catalogue_to_dict
from survrecon.report.catalogue import not_printed
from tests.by_hand.facts import fact
from tests.report.made_up import document_of


def test_the_catalogue_and_the_checklist_know_it():
    document = document_of("traced", "placebo", "drug")
    more = fact("censored", 9, 0, arm="drug", source="DOE")
    assert "numbers of censored patients" in not_printed(document.published)[0]
    (row,) = catalogue_to_dict({"x": document.model_copy(update={"published": (*document.published, more)})})
    assert row["checks"].endswith("censored")
"""
SHOWN = """
from survrecon.report.page import record_page
from survrecon.report.pictures import pictures_of


def test_the_page_shows_it(make_result):
    result = make_result("traced")
    assert "<h3>Log cumulative hazards</h3>" in record_page(result, pictures_of(result))
"""
READ = """
from pathlib import Path

from survrecon.files.points import read_points


def test_a_line_that_was_drawn_on_a_map_is_a_curve():
    curve = read_points(Path("tests/points/good/line_of_a_map.geojson"))
    assert curve.survival.tolist() == [1, 0.98, 0.9]
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("patch", "most", "check", "also"),
    [
        ("quantity.patch", 3, LISTED, "tests/by_hand/test_censored.py"),
        ("plot.patch", 2, SHOWN, "tests/test_layers.py"),
        ("points.patch", 2, READ, "tests/test_points.py"),
    ],
    ids=["quantity", "plot", "points"],
)
def test_a_change_touches_few_files(tmp_path: Path, patch: str, most: int, check: str, also: str) -> None:
    text = (PATCHES / patch).read_text(encoding="utf-8")
    assert len(set(re.findall(r"^diff --git a/(\S+)", text, re.MULTILINE))) <= most
    for folder in ("survrecon", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    subprocess.run(
        ["git", "apply", str(PATCHES / patch)], cwd=tmp_path, check=True, env={"GIT_CEILING_DIRECTORIES": "/"}
    )
    (tmp_path / "tests" / "report" / "test_touched.py").write_text(check, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/report/test_touched.py", also]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr

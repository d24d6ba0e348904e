"""Another prior of censoring touches one file."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import survrecon

PACKAGE = Path(survrecon.__file__).parent
PATCH = PACKAGE.parent / "benchmarks" / "touch" / "prior.patch"
CHECK = """
import numpy as np
from survrecon import SurvivalCurve, reconstruct
time = np.arange(0.0, 20, 0.05)
points = SurvivalCurve(time=time, survival=np.round(np.exp(-time / 20) * 400) / 400)
draws = reconstruct(points, n=300).draws(20)
print(sum(float(draw.time.sum()) for draw in draws))
"""


def test_files_that_another_prior_of_censoring_touches() -> None:
    touched = [line for line in PATCH.read_text(encoding="utf-8").splitlines() if line.startswith("+++ ")]
    assert len(touched) == 1


@pytest.mark.slow
def test_another_prior_of_censoring_works(tmp_path: Path) -> None:
    """A Laplace distribution of levels in place of a normal one: other draws, of the same patients."""
    copy = tmp_path / "copy"
    shutil.copytree(PACKAGE, copy / "survrecon", ignore=shutil.ignore_patterns("__pycache__"))

    def seen() -> float:
        run = [sys.executable, "-c", CHECK]
        return float(subprocess.run(run, cwd=copy, capture_output=True, text=True, check=True).stdout)

    usual = seen()
    subprocess.run(["git", "apply", PATCH], cwd=copy, check=True)
    assert seen() != usual
    assert seen() == pytest.approx(usual, rel=0.2)

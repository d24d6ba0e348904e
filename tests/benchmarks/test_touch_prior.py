"""A change of the prior of censoring touches one file, and says the same as the prior stated in a call."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PATCH = ROOT / "benchmarks" / "touch" / "prior.patch"
CENSORED = """
import json, sys
import numpy as np
from survrecon import RiskTable, SurvivalCurve, reconstruct

time = np.linspace(0, 36, 73)
curve = SurvivalCurve(time=time, survival=np.exp(-time / 30).round(2))
table = RiskTable(time=[0, 12, 24, 36], at_risk=[150, 96, 50, 12])


def censored(**stated):
    result = reconstruct(curve, n=150, risk_table=table, method="statespace", rng=np.random.default_rng(0), **stated)
    return [draw.time[~draw.event].round(6).tolist() for draw in result.draws(10)]


found = [censored()]
if sys.argv[1:] == ["stated"]:
    from survrecon import CensoringPrior, Priors

    found.append(censored(priors=Priors(censoring=CensoringPrior(level_sd=0.6))))
print(json.dumps(found))
"""


def test_a_change_of_the_prior_touches_one_file() -> None:
    assert len(re.findall(r"^diff --git", PATCH.read_text(encoding="utf-8"), re.MULTILINE)) == 1


@pytest.mark.slow
def test_the_changed_prior_is_the_one_that_a_call_can_state(tmp_path: Path) -> None:
    copy, script = tmp_path / "copy", tmp_path / "script" / "censored.py"
    shutil.copytree(ROOT / "survrecon", copy / "survrecon", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "apply", PATCH], cwd=copy, check=True, env={"GIT_CEILING_DIRECTORIES": "/"})
    script.parent.mkdir()
    script.write_text(CENSORED, encoding="utf-8")

    def called(package: Path, *words: str) -> Any:
        command, settings = [sys.executable, str(script), *words], {"PYTHONPATH": str(package)}
        done = subprocess.run(command, cwd=script.parent, capture_output=True, text=True, check=False, env=settings)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    (changed,) = called(copy)
    usual, stated = called(ROOT, "stated")
    assert changed == stated
    assert changed != usual

"""Files that a user has: points, risk table, a record made of them; and a way to call the command line."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.cli import main
from survrecon.model.ipd import PseudoIPD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Call:
    """What one call of the command line left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def survrecon(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Call]:
    def call(*words: object) -> Call:
        monkeypatch.setattr(sys, "argv", ["survrecon", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert isinstance(ended.value.code, int)
        return Call(ended.value.code, captured.out, captured.err)

    return call


def trial_arm(seed: int, n: int, mean: float) -> PseudoIPD:
    """Exponential events, uniform entry, cut off: 12 to 36 months of follow-up."""
    rng = np.random.default_rng(seed)
    death, followed = rng.exponential(mean, n), rng.uniform(12, 36, n)
    return PseudoIPD(time=np.minimum(death, followed).round(2), event=death <= followed)


@dataclass(frozen=True)
class Files:
    """A figure's two arms as a user has them."""

    folder: Path
    control: Path
    drug: Path
    risk: Path
    truth: dict[str, PseudoIPD]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    truth = {"control": trial_arm(1, 120, 14), "drug": trial_arm(2, 118, 24)}
    times = np.arange(0, 37, 6)
    for name, ipd in truth.items():
        t, s = ipd.kaplan_meier()
        rows = [f"{a:.4f},{b:.5f}" for a, b in zip([0, *t], [1, *s], strict=True)]
        (tmp_path / f"{name}.csv").write_text("time,survival\n" + "\n".join(rows) + "\n")
    counts = np.stack([times, *(ipd.at_risk(times) for ipd in truth.values())], axis=1)
    (tmp_path / "risk.csv").write_text(
        "time,control,drug\n" + "\n".join(",".join(map(str, row)) for row in counts) + "\n"
    )
    return Files(tmp_path, tmp_path / "control.csv", tmp_path / "drug.csv", tmp_path / "risk.csv", truth)


@pytest.fixture
def record(files: Files, survrecon: Callable[..., Call]) -> Path:
    folder = files.folder / "my_record"
    call = survrecon(
        "new", folder, "--arm", f"control={files.control}", "--arm", f"drug={files.drug}", "--risk-table", files.risk,
        "--events", f"control={files.truth['control'].events},drug={files.truth['drug'].events}",
    )  # fmt: skip
    assert call.status == 0, call.err
    return folder


def refused(call: Call, *words: str) -> None:
    """Check for exit 2, nothing on stdout, and a message with these words, on whatever lines it is folded."""
    assert call.status == 2
    assert call.out == ""
    unfolded = " ".join(call.err.split())
    for word in words:
        assert word in unfolded or word in call.err

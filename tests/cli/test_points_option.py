"""``--points`` of every command that rebuilds from points: used, kept in the record, and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Call, Files


def test_reconstruct_takes_it(survrecon: Callable[..., Call], files: Files) -> None:
    out = files.folder / "ipd.csv"
    call = survrecon("reconstruct", files.control, "--n", 120, "--points", "steps", "-o", out)
    assert call.status == 0, call.err
    assert "points are steps, as stated" in out.with_suffix(".json").read_text(encoding="utf-8")
    wrong = survrecon("reconstruct", files.control, "--n", 120, "--points", "dots", "-o", out)
    assert wrong.status == 2
    assert "--points: one of auto, steps, landmarks, clicks; got 'dots'" in wrong.err


@pytest.mark.parametrize("stated", [None, "clicks"])
def test_a_record_keeps_it_and_run_may_state_another(
    survrecon: Callable[..., Call], files: Files, stated: str | None
) -> None:
    folder, out = files.folder / "record", files.folder / "run"
    made = survrecon("new", folder, "--arm", f"control={files.control}", "--n", "control=120", "--points", "steps")
    assert made.status == 0, made.err
    assert 'points = "steps"' in (folder / "figure.toml").read_text(encoding="utf-8")
    words = ["--points", stated] if stated else []
    for call in (survrecon("run", folder, "--draws", 4, "-o", out, *words), survrecon("report", out)):
        assert call.status == 0, call.err
        said = (out / "report.json").read_text(encoding="utf-8")
        assert f"points are {stated or 'steps'}, as stated" in said

"""``--panel all``: a record or run a panel, and a panel that fails costs no other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.digitizing import FailedPanel, digitize, digitize_panels
from survrecon.digitizing.raster import ocr
from survrecon.errors import DigitizingError
from survrecon.records.folder import read_figure
from survrecon.records.schema import SourceKind
from survrecon.running.record import run_record
from tests.digitizing.rendered import Arm, Look, render_panels, simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Call

LOOK = Look(names_with_n=True, marks="|")
recognition = pytest.mark.skipif(not ocr.available(), reason="rapidocr cannot be imported")


def arms(seed: int, first: float) -> list[Arm]:
    rng = np.random.default_rng(seed)
    return [simulate(rng, "Control", 70, median=first), simulate(rng, "Drug", 60, median=1.7 * first)]


@pytest.fixture(params=["pdf", "svg", pytest.param("png", marks=[recognition, pytest.mark.slow])])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Two panels, both whole."""
    panels = [("Overall survival", arms(3, 12), LOOK), ("Remission", arms(4, 7), LOOK)]
    return render_panels(tmp_path / f"figure.{request.param}", panels)


@pytest.fixture(
    params=[
        "pdf",
        pytest.param("svg", marks=pytest.mark.slow),
        pytest.param("png", marks=[recognition, pytest.mark.slow]),
    ]
)
def three(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A whole panel, one without numbers of patients, and a bar chart."""
    panels = [("Overall survival", arms(3, 12), LOOK), ("Remission", arms(4, 7), Look(marks="|"))]
    return render_panels(tmp_path / f"figure.{request.param}", panels, bars="Response")


def test_every_panel_becomes_a_record(survrecon: Callable[..., Call], two: Path, tmp_path: Path) -> None:
    call = survrecon("digitize", two, "--panel", "all", "-o", tmp_path / "records")
    assert call.status == 0, call.err
    kind = SourceKind.TRACED if two.suffix == ".png" else SourceKind.VECTOR
    for panel, truth in (("1", arms(3, 12)), ("2", arms(4, 7))):
        record = read_figure(tmp_path / "records" / panel)
        assert record.kind is kind
        assert record.document.digitized.panel == panel
        for arm in truth:
            curve = record.curves[arm.name]
            at = np.linspace(0.5, 0.95 * arm.time.max(), 300)
            read = curve.survival[np.searchsorted(curve.time, at, side="right") - 1]
            assert np.abs(read - arm.survival(at)).mean() < 0.006
    assert call.out.count("overlay.png") == 2


def test_a_panel_that_fails_costs_no_other(survrecon: Callable[..., Call], three: Path, tmp_path: Path) -> None:
    for command in ("digitize", "run"):
        out = tmp_path / command
        more = ("--draws", 5) if command == "run" else ()
        call = survrecon(command, three, "--panel", "all", "-o", out, *more)
        assert call.status == 0  # as in a batch: every panel was tried
        assert {path.name for path in out.iterdir()} >= {"1", "page.json", "overlay.png"}
        page = json.loads((out / "page.json").read_text())
        assert [(panel["name"], panel["title"]) for panel in page["panels"]] == [
            ("1", "Overall survival"),
            ("2", "Remission"),
            ("3", "Response"),
        ]
        fates = [panel["outcome"] for panel in page["panels"]]
        assert fates[:2] == ["read", "read" if command == "digitize" else "failed"]
        assert page["panels"][0]["folder"] == "1"
        assert all(panel["place"]["x1"] > panel["place"]["x0"] for panel in page["panels"])
        assert "panel 1 (Overall survival): " in call.err
        assert [arm.n for arm in read_figure(out / "1").document.arms] == [70, 60]
        names = {panel: {path.name for path in (out / panel).iterdir()} for panel in ("1", "2", "3")}
        assert all({"overlay.png", "readings.csv"} <= found for found in names.values())
        assert ("figure.toml" in names["2"]) is (command == "digitize")
        assert "figure.toml" not in names["3"]
        if command == "run":
            assert "panel 2 failed: 2: the number of patients of every arm" in call.err
        assert "panel 3 (Response) failed: " in call.err
    assert json.loads((out / "1" / "report.json").read_text())["contrasts"]
    assert (out / "1" / "report.html").is_file()


def test_a_fault_of_the_program_in_one_panel_costs_no_other(
    survrecon: Callable[..., Call], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = render_panels(tmp_path / "f.svg", [("First", arms(3, 12), LOOK), ("Second", arms(4, 7), LOOK)])

    def faulty(record: object, **settings: object) -> object:
        if record.document.digitized.panel == "1":  # type: ignore[attr-defined]
            raise KeyError("oops")
        return run_record(record, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr("survrecon.running.record.run_record", faulty)
    call = survrecon("run", figure, "--panel", "all", "-o", tmp_path / "out", "--draws", 5)
    assert call.status == 0
    assert "panel 1 failed: KeyError: 'oops'" in call.err
    assert (tmp_path / "out" / "2" / "report.html").is_file()


def test_a_figure_without_any_good_panel_is_an_error(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    look = Look(marks="|")
    figure = render_panels(tmp_path / "f.svg", [("First", arms(3, 12), look), ("Second", arms(4, 7), look)])
    call = survrecon("run", figure, "--panel", "all", "-o", tmp_path / "out")
    assert call.status == 2
    assert "the number of patients of every arm" in call.err
    names = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")}
    assert names == {f"{panel}/{name}" for panel in "12" for name in ("overlay.png", "readings.csv", "run.json")}


def test_in_python(tmp_path: Path) -> None:
    panels = [("Overall survival", arms(3, 12), LOOK)]
    figure = render_panels(tmp_path / "f.svg", panels, bars="Response")
    with pytest.raises(DigitizingError, match="panel 2: curves that start at full survival"):
        digitize_panels(figure)
    failed: list[FailedPanel] = []
    [read] = digitize_panels(figure, failed=failed)
    assert read.panel == "1"
    assert [panel.panel for panel in failed] == ["2"]
    with pytest.raises(DigitizingError, match="digitize_panels"):
        digitize(figure, panel="all")


@pytest.mark.slow
def test_a_page_asks_before_it_replaces_what_a_person_put_there(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    figure = render_panels(tmp_path / "f.svg", [("First", arms(3, 12), LOOK), ("Second", arms(4, 7), LOOK)])
    out = tmp_path / "out"
    call = ("digitize", figure, "--panel", "all", "-o", out)
    out.mkdir()
    (out / "overlay.png").write_text("my own")
    refused = survrecon(*call)
    assert refused.status == 2
    assert "overlay.png" in refused.err
    assert "--overwrite" in refused.err
    assert [path.name for path in out.iterdir()] == ["overlay.png"]
    assert survrecon(*call, "--overwrite").status == 0
    assert survrecon(*call).status == 0  # what the program wrote it may replace
    (out / "page.json").write_text((out / "page.json").read_text().replace("First", "Mine"))
    assert survrecon(*call).status == 2

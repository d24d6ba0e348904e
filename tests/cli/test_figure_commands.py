"""``digitize`` and ``run`` on figures that are drawn on the spot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.analysis.cox import contrast
from survrecon.model.ipd import PseudoIPD
from survrecon.records.folder import read_figure
from survrecon.records.schema import SourceKind
from tests.digitizing.rendered import Look, Rendered, render, simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Call

TEXTS = ((0.45, 0.7, "HR 0.65 (95% CI 0.48-0.88)"), (0.45, 0.63, "p = 0.005"))


@pytest.fixture
def drawn(tmp_path: Path) -> Rendered:
    return draw(tmp_path / "figure.svg", Look(table="plain", marks="|", texts=TEXTS))


def draw(path: Path, look: Look) -> Rendered:
    rng = np.random.default_rng(5)
    return render(path, [simulate(rng, "Placebo", 90, median=10), simulate(rng, "Nivolumab", 95, median=16)], look)


def test_digitize_writes_a_record(survrecon: Callable[..., Call], drawn: Rendered, tmp_path: Path) -> None:
    call = survrecon("digitize", drawn.path, "-o", tmp_path / "record")
    assert call.status == 0, call.err
    record = read_figure(tmp_path / "record")
    assert record.kind is SourceKind.VECTOR
    assert [(arm.name, arm.n, arm.role) for arm in record.document.arms] == [
        ("Placebo", 90, "control"), ("Nivolumab", 95, "treatment"),
    ]  # fmt: skip
    assert {name: table.at_risk.tolist() for name, table in record.risk_tables.items()} == drawn.table
    assert set(record.censor_times) == {"Placebo", "Nivolumab"}
    ratio, p = record.document.published
    assert (ratio.value, ratio.of, ratio.over, ratio.place) == (0.65, "Nivolumab", "Placebo", "printed in figure")
    assert ratio.interval is not None
    assert (ratio.interval.low, ratio.interval.high) == (0.48, 0.88)
    assert p.number == 0.005
    assert "residual" in record.document.digitized.how
    assert (tmp_path / "record" / "overlay.png").read_bytes().startswith(b"\x89PNG")


def test_run_goes_from_the_figure_to_the_hazard_ratio(
    survrecon: Callable[..., Call], drawn: Rendered, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    call = survrecon("run", drawn.path, "-o", out, "--json")
    assert call.status in (0, 1), call.err  # the printed ratio is invented
    found = json.loads(call.out)["contrasts"][0]["hazard_ratio"]["value"]
    truth = contrast(*(PseudoIPD(time=arm.time, event=arm.event) for arm in drawn.arms)).log_hr
    assert abs(np.log(found) - truth) < 0.005  # a drawing with every censoring mark leaves the draws' tie-breaking
    page = (out / "report.html").read_text()
    assert "data:image/png;base64," in page
    assert {path.name for path in out.iterdir()} >= {"figure.toml", "overlay.png", "ipd.csv", "report.json"}
    assert survrecon("report", out).status == call.status
    assert "data:image/png;base64," in (out / "report.html").read_text()


@pytest.mark.slow
def test_an_image_with_everything_stated(
    survrecon: Callable[..., Call], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survrecon.digitizing.raster.ocr.available", lambda: False)
    image = draw(tmp_path / "figure.png", Look()).path
    words = ("--x-range", "0,30", "--y-range", "0,1", "--arm-names", "new,old", "--time-unit", "months")
    call = survrecon("run", image, "-o", tmp_path / "a", *words)
    assert call.status == 2
    assert "--n new=NUMBER --n old=NUMBER" in call.err
    assert not (tmp_path / "a" / "figure.toml").exists()
    call = survrecon("run", image, "-o", tmp_path / "b", *words, "--n", "new=95,old=90", "--control", "old")
    assert call.status == 0, call.err
    document = read_figure(tmp_path / "b").document
    assert document.control.name == "old"
    assert document.control.place == "given by hand"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--n", "Ipilimumab=3"), "Ipilimumab"),
        (("--control", "Ipilimumab"), "--control"),
        (("--x-range", "0"), "A,B"),
        (("--x-range", "5,5"), "the lower end of the axis first"),
        (("--y-range", "100,0"), "the lower end of the axis first"),
        (("--page", "7"), "page"),
    ],
)
def test_what_does_not_fit_is_refused(
    survrecon: Callable[..., Call], tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    path = draw(tmp_path / "figure.pdf", Look(table="plain")).path
    call = survrecon("digitize", path, "-o", tmp_path / "record", *words)
    assert call.status == 2
    assert call.out == ""
    assert says in call.err
    assert not (tmp_path / "record" / "figure.toml").exists()


def test_a_record_takes_no_options_of_a_figure(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    call = survrecon("run", "quiredex_ttp_2012-10", "-o", tmp_path / "x", "--y-unit", "percent")
    assert call.status == 2
    assert "--y-unit" in call.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--arms", "9"), "--arms: as many curves as are found, 2; got 9"),
        (("--arm-names", "new"), "--arm-names: 2 names, each once; got new"),
        (("--arm-names", "new,new"), "--arm-names: 2 names, each once; got new, new"),
    ],
)
def test_as_many_curves_and_names_as_are_found(
    survrecon: Callable[..., Call], drawn: Rendered, tmp_path: Path, options: tuple[str, str], says: str
) -> None:
    call = survrecon("digitize", drawn.path, "-o", tmp_path / "record", *options)
    assert (call.status, call.out) == (2, "")
    assert says in call.err
    assert not (tmp_path / "record" / "figure.toml").exists()

"""The front door for Python: `survrecon.run`, and what every result offers."""

from __future__ import annotations

import ast
import dataclasses
import gc
import inspect
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import survrecon
from survrecon.cli.records import run_command as command
from survrecon.errors import RecordError, ReportError, SurvreconError
from survrecon.model.estimate import Status
from survrecon.model.show import BriefRepr, Shown

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parent.parent / "examples"
FIGURE = EXAMPLES / "figure.pdf"
POINTS = {"none": EXAMPLES / "none.csv", "hormones": EXAMPLES / "hormones.csv"}
LONGEST = 500  # letters of a repr
OF_POINTS = {"at_risk_convention", "censor_times", "resolution"}
NOT_IN_PYTHON = {"record", "output", "as_json"}


@pytest.fixture(autouse=True)
def no_window() -> Iterator[None]:
    from matplotlib import pyplot as plt

    mpl.use("agg")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def figure() -> survrecon.DigitizedFigure:
    return survrecon.digitize(FIGURE)


@pytest.fixture(scope="module")
def result() -> survrecon.RecordResult:
    return survrecon.run(FIGURE, draws=12)


@pytest.fixture(scope="module")
def results(figure: survrecon.DigitizedFigure, result: survrecon.RecordResult) -> dict[str, Any]:
    rebuilt = result.reconstructions["Male"]
    return {
        "figure": figure,
        "record": result,
        "comparison": result.comparisons[0],
        "arm": result.arms[0],
        "reconstruction": rebuilt,
        "patients": rebuilt.ipd,
    }


SHOWN = ("figure", "record", "comparison", "arm", "reconstruction", "patients")
each_result = pytest.mark.parametrize("kind", SHOWN)


@each_result
def test_every_result_has_the_same_methods(results: dict[str, Any], kind: str, tmp_path: Path) -> None:
    shown = results[kind]
    assert isinstance(shown, Shown)
    text = shown.summary()
    assert "Male" in text or "Female" in text
    assert not text.endswith("\n")
    html = shown._repr_html_()
    assert html.startswith("<table>")
    assert "<script" not in html
    page = shown.report(tmp_path / "page.html")
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert shown.report(tmp_path) == tmp_path / "report.html"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "report.html"]


@each_result
def test_plots_on_given_axes_and_on_new_ones(results: dict[str, Any], kind: str) -> None:
    axes = Figure().add_subplot()
    assert results[kind].plot(axes) is axes
    assert axes.lines
    new = results[kind].plot()
    assert isinstance(new, Axes)
    assert new is not axes
    assert new.get_ylim()[1] >= 1


def test_estimates_below_each_other(result: survrecon.RecordResult) -> None:
    ratio = result.comparisons[0].hazard_ratio
    missing = dataclasses.replace(ratio, value=None, interval=None, status=Status.NOT_ESTIMABLE)
    axes = survrecon.plot_estimates({"figure": ratio, "another": missing}, reference=0.6)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["figure", "another"]
    assert [text.get_text() for text in axes.texts] == ["not estimable"]
    assert axes.get_xscale() == "log"
    difference = result.comparisons[0].rmst_difference.difference
    assert survrecon.plot_estimates({"days": difference}).get_xscale() == "linear"


def test_frames(results: dict[str, Any]) -> None:
    points = results["figure"].to_frame()
    assert list(points.columns) == ["arm", "time", "survival"]
    assert set(points["arm"]) == {"Male", "Female"}
    patients = results["record"].to_frame()
    assert list(patients.columns) == ["time", "event", "arm"]
    assert patients["arm"].value_counts().to_dict() == {"Male": 138, "Female": 90}
    assert len(results["reconstruction"].to_frame()) == 138
    contrasts = results["comparison"].to_frame().set_index("quantity")
    assert contrasts.loc["hazard ratio", "value"] == results["comparison"].hazard_ratio.value
    checks = results["record"].checks_frame()
    assert list(checks["verdict"]) == [str(check.verdict) for check in results["record"].checks]


def test_parts_of_a_figure(figure: survrecon.DigitizedFigure, tmp_path: Path) -> None:
    picture = figure.overlay(tmp_path / "overlay.png")
    assert picture.startswith(b"\x89PNG")
    assert (tmp_path / "overlay.png").read_bytes() == picture
    table = figure.risk_table_of("Female")
    assert table is not None
    assert table.at_risk[0] == 90
    assert len(figure.curve("Male")) > 50
    with pytest.raises(SurvreconError, match="Male, Female; got 'female'"):
        figure.curve("female")


def _public_types() -> list[str]:
    found = [name for name in survrecon.__all__ if dataclasses.is_dataclass(getattr(survrecon, name))]
    return [name for name in found if isinstance(getattr(survrecon, name), type)]


def _inside(value: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Return one object of each dataclass that a result holds, by its name."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value[:3]:
            _inside(one, found)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        found.setdefault(type(value).__name__, value)
        for one in dataclasses.fields(value):
            _inside(getattr(value, one.name), found)
    return found


def test_no_repr_is_long(results: dict[str, Any]) -> None:
    found = _inside(results, {})
    assert {"DigitizedArm", "FigureRecord", "PseudoIPD", "RiskTable", "SurvivalCurve", "Agreement"} <= set(found)
    for name, value in found.items():
        if hasattr(survrecon, name):
            assert len(repr(value)) <= LONGEST, name
            assert repr(value).startswith(name)


# The random stream of a summary record is told by the repr of its arms, which are few numbers and hold no array.
@pytest.mark.parametrize("name", [name for name in _public_types() if name != "SummaryArm"])
def test_public_types_with_arrays_or_parts_have_a_brief_repr(name: str) -> None:
    kind = getattr(survrecon, name)
    plain = all(
        word in {"str", "float", "int", "bool", "None", "|", "Status", "Scale", "Interval", "float|None"}
        for one in dataclasses.fields(kind)
        if one.repr
        for word in str(one.type).split()
    )
    assert plain or issubclass(kind, BriefRepr)


def test_run_takes_what_the_command_takes() -> None:
    told = {param.name for param in command.params if isinstance(param, click.Parameter)} - NOT_IN_PYTHON
    parameters = inspect.signature(survrecon.run).parameters
    assert set(parameters) == told | OF_POINTS | {"source", "out"}
    kinds = {parameter.kind for name, parameter in parameters.items() if name != "source"}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}
    assert all(parameter.annotation is not inspect.Parameter.empty for parameter in parameters.values())


def test_digitize_takes_what_it_can_be_told() -> None:
    from survrecon.digitizing.options import Options

    assert set(inspect.signature(survrecon.digitize).parameters) == {
        "path",
        *(o.name for o in dataclasses.fields(Options)),
    }


def test_nothing_is_written_unless_a_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = survrecon.run(POINTS, n={"none": 440, "hormones": 246}, method="spread")
    assert not list(tmp_path.iterdir())
    kept = found.record.folder
    assert kept.is_dir()
    assert found.report(tmp_path / "a.html").is_file()
    del found
    gc.collect()
    assert not kept.exists()  # what stood in the temporary folder goes with the result


@pytest.mark.slow
def test_out_is_the_folder_that_the_command_writes(tmp_path: Path, result: survrecon.RecordResult) -> None:
    found = survrecon.run(FIGURE, out=tmp_path / "run", draws=12)
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"figure.toml", "ipd.csv", "ipd_draws.csv", "overlay.png", "report.html", "report.json", "run.json"} <= names
    assert found.record.folder == tmp_path / "run"
    assert found.comparisons[0].hazard_ratio.value == result.comparisons[0].hazard_ratio.value
    again = survrecon.run(tmp_path / "run", draws=12)
    assert again.comparisons[0].hazard_ratio.value == result.comparisons[0].hazard_ratio.value


def test_points_of_one_arm_and_of_several() -> None:
    one = survrecon.run(POINTS["none"], n=440, method="spread")
    assert [(arm.name, arm.n) for arm in one.arms] == [("none", 440)]
    two = survrecon.run(POINTS, risk_table=EXAMPLES / "risk.csv", method="spread", control="hormones")
    assert [arm.name for arm in two.arms] == ["hormones", "none"]
    assert two.record.kind == "manual"


def test_a_record_by_name_folder_or_object(tmp_path: Path) -> None:
    name = "synthetic"
    record = survrecon.new_record(tmp_path / name, arms=POINTS, risk_table=EXAMPLES / "risk.csv")
    values = [
        survrecon.run(source, method="guyot").comparisons[0].hazard_ratio.value for source in (record, record.folder)
    ]
    assert values[0] == values[1]
    with pytest.raises(SurvreconError, match="no-such-record"):
        survrecon.run("no-such-record")


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (FIGURE, {"resolution": 0.01}, "resolution: an option that goes with a figure"),
        (POINTS, {"page": 2}, "page: an option that goes with points"),
        ("ifm-2005-02_pfs_2010-07", {"page": 2}, "page: an option that goes with a record"),
        (FIGURE, {"panel": "all"}, "panel: one panel"),
        (FIGURE, {"n": 120}, "n: numbers by the names of arms"),
        (POINTS, {"n": 120}, "n: values by the names of arms: none, hormones"),
        (POINTS, {"arm_names": ["a", "b"]}, "arm_names: names of the arms given once"),
    ],
)
def test_what_cannot_be_told_is_refused(source: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ReportError, match=message):
        survrecon.run(source, **options)


def test_patients_of_an_arm_that_a_record_lacks_are_refused_by_the_record() -> None:
    with pytest.raises(RecordError, match="n=: the name of an arm: placebo, lenalidomide; got 'a'"):
        survrecon.run("ifm-2005-02_pfs_2010-07", n={"a": 3})


def test_a_result_without_curves_says_why() -> None:
    nothing = survrecon.run(FIGURE, draws=2)
    empty = dataclasses.replace(nothing, arms=(), comparisons=(), reconstructions={}, not_buildable="no printed point")
    with pytest.raises(ReportError, match="no printed point"):
        empty.plot()
    assert len(empty.to_frame()) == 0


def test_names_stand_once_and_in_the_stub() -> None:
    stub = ast.parse((Path(survrecon.__file__).parent / "__init__.pyi").read_text(encoding="utf-8"))
    aliases = [alias for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert all(alias.asname == alias.name for alias in aliases)
    assert sorted(alias.name for alias in aliases) == survrecon.__all__


def test_the_docstring_lists_each_subpackage() -> None:
    assert survrecon.__doc__ is not None
    rooms = [name for _, name, is_package in pkgutil.iter_modules(survrecon.__path__) if is_package]
    assert [room for room in rooms if f"\n{room}\n    " not in survrecon.__doc__] == []
    assert not set(rooms) & set(survrecon.__all__)  # no package bears a public function's name


def test_showing_loads_no_plotting_library_before_it_plots() -> None:
    code = (
        "import sys, survrecon; c = survrecon.PseudoIPD(time=[1, 2], event=[1, 0]); c.summary(); "
        "assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ})


def test_a_brief_repr_counts_what_is_long() -> None:
    curve = survrecon.SurvivalCurve(time=np.arange(5000.0), survival=np.linspace(1, 0, 5000))
    assert repr(curve) == "SurvivalCurve(time=<5000 values>, survival=<5000 values>, time_unit='months')"

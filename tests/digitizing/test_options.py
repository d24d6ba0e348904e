"""What a caller states: each fault is one error that names the option, and nothing stated is dropped in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from survrecon.digitizing import Options, digitize, digitize_panels
from survrecon.digitizing.options import options_for
from survrecon.errors import DigitizingError
from tests.digitizing.rendered import Arm, Look, render, render_panels, simulate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FRACTION = Look(table="plain")
PERCENT = Look(table="plain", percent=True)
RISING = Look(table="plain", rising=True)


def arms() -> list[Arm]:
    rng = np.random.default_rng(5)
    return [simulate(rng, "Control", 90, median=9), simulate(rng, "Drug", 80, median=16)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(tmp_path_factory.mktemp("plain") / "figure.svg", arms(), FRACTION).path


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("page", "1", "a whole number from 1"),
        ("page", 0, "a whole number from 1"),
        ("panel", 1, "a letter or title"),
        ("crop", (0, 0, 100), "four numbers"),
        ("crop", "0123", "four numbers"),
        ("arms", 0, "a whole number from 1"),
        ("arms", True, "a whole number from 1"),
        ("arm_names", "AB", "a list of names"),
        ("arm_names", ["A", 3], "a list of names"),
        ("x_range", (5, 5), "the lower end of the axis first"),
        ("x_range", (5, 1), "the lower end of the axis first"),
        ("x_range", (5,), "two finite numbers"),
        ("x_range", (0, float("nan")), "two finite numbers"),
        ("x_range", (0, 10**400), "two finite numbers"),
        ("x_range", (0, "36"), "two finite numbers"),
        ("y_range", (0, 0), "the lower end of the axis first"),
        ("y_range", 1, "two finite numbers"),
        ("y_unit", "foo", "fraction or percent"),
        ("one_minus_survival", "yes", "True or False"),
        ("time_unit", "foo", "days, weeks, months or years"),
        ("n", 3, "whole numbers from 1 by the names of arms"),
        ("n", {"Drug": 0}, "whole numbers from 1 by the names of arms"),
        ("text", None, "True or False"),
    ],
)
def test_an_option_is_what_it_must_be(plain: Path, name: str, value: object, rule: str) -> None:
    stated: dict[str, Any] = {name: value}
    with pytest.raises(DigitizingError) as error:
        digitize(plain, **stated)
    assert error.value.where == f"{plain}: {name}="
    assert rule in error.value.rule
    assert error.value.got == repr(value)[:80]


def test_options_as_arrays_and_their_numbers() -> None:
    stated: dict[str, Any] = {
        "x_range": np.array([0.0, 36.0]),
        "arms": np.int64(2),
        "n": {"A": np.int64(3)},
        "crop": [0, 0, 9, 9.5],
    }
    assert options_for("figure.svg", stated) == Options(**stated)


def test_an_unknown_option(plain: Path) -> None:
    with pytest.raises(DigitizingError, match=r"y_unit, .*got 'yunit'"):
        digitize_panels(plain, yunit="percent")
    with pytest.raises(TypeError, match="yunit"):
        digitize(plain, yunit="percent")  # type: ignore[call-arg]


def test_a_path_is_a_path() -> None:
    with pytest.raises(DigitizingError, match="pathlib"):
        digitize(5)  # type: ignore[arg-type]


def test_patients_of_an_arm_that_is_not_there(plain: Path) -> None:
    with pytest.raises(DigitizingError, match=r"n=: the name of an arm: Control, Drug; got 'zz'"):
        digitize(plain, n={"zz": 3})
    counted: dict[str, Any] = {"Drug": np.int64(81)}
    assert [arm.n for arm in digitize(plain, n=counted).arms] == [90, 81]


def test_patients_of_arms_of_several_panels(tmp_path: Path) -> None:
    other = [simulate(np.random.default_rng(6), "Watchful waiting", 70, median=12)]
    figure = render_panels(tmp_path / "f.svg", [("First", arms(), Look()), ("Second", other, Look())])
    read = digitize_panels(figure, n={"Drug": 80, "Watchful waiting": 70})
    assert [[arm.n for arm in panel.arms] for panel in read] == [[None, 80], [70]]
    with pytest.raises(DigitizingError, match="Control, Drug, Watchful waiting; got 'zz'"):
        digitize_panels(figure, n={"zz": 3})


def test_a_panel_of_a_figure_without_panels(plain: Path) -> None:
    with pytest.raises(DigitizingError, match=r"a panel called 'Q'; got a figure of one panel, .* leave panel= out"):
        digitize(plain, panel="Q")


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
@pytest.mark.parametrize(
    ("look", "stated", "words"),
    [
        (PERCENT, {"y_unit": "fraction"}, ("y_unit=", "ticks from 0 to 100", "in percent")),
        (FRACTION, {"y_unit": "percent"}, ("y_unit=", "ticks from 0 to 1,", "in fractions")),
        (PERCENT, {"one_minus_survival": True}, ("one_minus_survival=", "fall from full survival")),
        (RISING, {"one_minus_survival": False}, ("one_minus_survival=", "rise from 0")),
    ],
)
def test_what_is_stated_against_the_axis(
    tmp_path: Path, ending: str, look: Look, stated: Mapping[str, Any], words: tuple[str, ...]
) -> None:
    drawn = render(tmp_path / f"figure.{ending}", arms(), look)
    without_text: dict[str, Any] = {
        "text": False,
        "x_range": (0, drawn.ticks[-1]),
        "y_range": (0, 100 if look.percent else 1),
    }
    with pytest.raises(DigitizingError) as error:
        digitize(drawn.path, **stated, **(without_text if ending == "png" else {}))
    assert all(word in str(error.value) for word in words), error.value


def test_an_axis_that_ends_at_one_percent_says_so(tmp_path: Path) -> None:
    rare = Look(rising=True, ylabel="Cumulative incidence (%)")
    figure = digitize(render(tmp_path / "figure.svg", arms(), rare).path, y_unit="percent")
    # the axis runs from 0 to 1, so that in percent no curve falls below 99%
    assert all(0.99 <= arm.survival.min() < 0.995 for arm in figure.arms)


def test_a_unit_that_only_one_of_two_panels_has(tmp_path: Path) -> None:
    figure = render_panels(tmp_path / "f.svg", [("First", arms(), Look(percent=True)), ("Second", arms(), Look())])
    with pytest.raises(DigitizingError, match="panel 1: y_unit="):
        digitize(figure, y_unit="fraction", panel="1")
    assert digitize(figure, y_unit="fraction").panel == "2"


def test_a_plots_frame_is_no_line_without_a_name(tmp_path: Path) -> None:
    figure = digitize(render(tmp_path / "figure.svg", arms(), RISING).path)
    assert [arm.name for arm in figure.arms] == ["Control", "Drug"]
    assert figure.doubts == ()
    said = ("Kaplan-Meier assumed", "Drug: curve cut at")
    assert all(text.startswith(said) for text in figure.warnings), figure.warnings


@pytest.mark.slow
def test_the_first_frame_of_a_gif(tmp_path: Path) -> None:
    drawn = render(tmp_path / "figure.png", arms(), FRACTION)
    with Image.open(drawn.path) as opened:
        first = opened.convert("RGB")
    blank = Image.new("RGB", first.size, "white")
    stated: dict[str, Any] = {"text": False, "x_range": (0, drawn.ticks[-1]), "y_range": (0, 1)}
    expected = digitize(drawn.path, **stated)
    first.save(tmp_path / "one.gif")
    first.save(tmp_path / "two.gif", save_all=True, append_images=[blank])
    for name, warnings in (("one", ()), ("two", ("the first of 2 frames of the GIF was read",))):
        figure = digitize(tmp_path / f"{name}.gif", **stated)
        assert set(figure.warnings) - set(expected.warnings) == set(warnings)
        assert len(figure.arms) == len(expected.arms) == 2
        for arm, same in zip(figure.arms, expected.arms, strict=True):
            # a palette of 256 colours moves no edge by a tenth of a pixel, 0.003 of survival
            assert arm.survival[-1] == pytest.approx(same.survival[-1], abs=3e-4)
    blank.save(tmp_path / "blank.gif", save_all=True, append_images=[first])
    with pytest.raises(DigitizingError, match="a GIF whose first frame of 2 is of one colour"):
        digitize(tmp_path / "blank.gif", **stated)

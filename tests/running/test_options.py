"""One declaration of what a run can be told; whatever takes options has those that it declares."""

from __future__ import annotations

from dataclasses import fields
from inspect import signature
from typing import Any

import click
import pytest

from survrecon.cli.figures import batch_command, digitize_command
from survrecon.cli.records import new_command, run_command
from survrecon.digitizing import Options
from survrecon.digitizing.options import FIGURE_OPTIONS
from survrecon.errors import ReportError, SurvreconError
from survrecon.files.option_kinds import OptionRole, Shape, check_values
from survrecon.files.option_text import METHODS, USES
from survrecon.reconstruction.reconstruct import Method
from survrecon.records.new import new_record
from survrecon.running.figure_record import digitized_record
from survrecon.running.options import COLUMNS, OPTIONS, of_roles, run_keywords, run_settings
from survrecon.running.record import run_record
from survrecon.weighting.constraints import USES as WEIGHTS

TEXTS: dict[Shape, tuple[str, str]] = {
    Shape.WHOLE: ("3", "x"),
    Shape.POSITIVE: ("2.5", "-1"),
    Shape.FLAG: ("yes", "perhaps"),
    Shape.VALUES: ("0,1", "1"),
    Shape.BY_NAME: ("A=3", "A"),
}


def names(*roles: OptionRole) -> set[str]:
    return {option.name for option in of_roles(*roles)}


def keywords(function: Any) -> set[str]:
    return set(signature(function).parameters)


def parameters(command: click.Command) -> set[str]:
    return {str(parameter.name) for parameter in command.params if isinstance(parameter, click.Option)}


SHOWN = set(OPTIONS) - names(OptionRole.READER)
OF_FIGURE = names(OptionRole.CHOOSES, OptionRole.OVERRIDES, OptionRole.RECORD)


def test_keywords_in_python_are_those_declared() -> None:
    assert {field.name for field in fields(Options)} == {option.name for option in FIGURE_OPTIONS}
    assert keywords(run_record) - {"record", "command"} == names(OptionRole.SETTING)
    assert names(OptionRole.RECORD) <= keywords(digitized_record)
    assert keywords(new_record) & set(OPTIONS) == parameters(new_command) & set(OPTIONS) - {"arms"} | {"arms"}


def test_options_of_commands_are_those_declared() -> None:
    assert parameters(run_command) - {"output", "as_json", "overwrite"} == SHOWN
    assert parameters(digitize_command) - {"output", "overwrite"} == OF_FIGURE
    assert parameters(batch_command) & set(OPTIONS) == {"draws", "seed", "method", "compress"}


def test_columns_are_those_declared() -> None:
    assert set(COLUMNS) == SHOWN | {"figure", "id"}


def test_closed_sets_are_those_of_their_rooms() -> None:
    assert tuple(use.name for use in WEIGHTS) == USES
    assert set(Method) == set(METHODS)


@pytest.mark.parametrize("option", OPTIONS.values(), ids=lambda option: option.name)
def test_a_text_that_is_read_is_a_value_that_holds(option: Any) -> None:
    kind = option.kind
    good, bad = TEXTS.get(kind.shape, (kind.choices[0] if kind.choices else "hr", None))
    good = "0,0,9,9" if option.name == "crop" else good
    assert kind.holds(kind.read(good))
    check_values([option], {option.name: kind.read(good)})
    if bad is not None or kind.choices:
        with pytest.raises(ValueError):  # noqa: PT011 - of any kind: the caller says where
            kind.read(bad or "none of these")
    with pytest.raises(SurvreconError, match=f"^{option.name}=: "):
        check_values([option], {option.name: object()})


@pytest.mark.parametrize(("name", "value"), [("draws", 0), ("draws", 2.5), ("seed", -1), ("tau", 0), ("tau", "12")])
def test_a_setting_that_cannot_be_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ReportError, match=f"{name}=: {OPTIONS[name].kind.rule}"):
        run_record("quiredex_ttp_2012-10", **{name: value})


def test_what_a_run_keeps() -> None:
    assert run_settings() == {"method": "auto", "tau": None, "use": [], "draws": 200, "seed": 0}
    assert run_settings(method=Method.GUYOT, points="steps", compress=True) == {
        "method": "guyot", "tau": None, "points": "steps", "use": [], "compress": True,
    }  # fmt: skip
    assert "compress" not in run_keywords(run_settings(compress=True))

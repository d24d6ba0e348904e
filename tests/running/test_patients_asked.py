"""Digitizing needs no number of patients; a run asks for it in a line that can be pasted."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import survrecon
from survrecon.callers import in_shell
from survrecon.digitizing import DigitizedFigure, digitize
from survrecon.errors import MissingPatientsError, RecordError
from survrecon.files.option_text import numbers_by_arm
from survrecon.records.folder import read_figure
from survrecon.running.arm_patients import with_patients
from survrecon.running.figure_record import digitized_record
from survrecon.running.folder import write_run
from survrecon.running.record import run_record
from tests.digitizing.rendered import Look, Rendered, render, simulate

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("Placebo, oral", "Drug = 5 mg")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    rng = np.random.default_rng(5)
    arms = [simulate(rng, "Placebo", 90, median=10), simulate(rng, "Nivolumab", 95, median=16)]
    return render(tmp_path_factory.mktemp("figure") / "figure.svg", arms, Look())


@pytest.fixture(scope="module")
def figure(drawn: Rendered) -> DigitizedFigure:
    return digitize(drawn.path, arm_names=NAMES)


def test_a_record_without_numbers_of_patients_is_read_back(figure: DigitizedFigure, tmp_path: Path) -> None:
    record = digitized_record(tmp_path / "record", figure)
    assert record.document.without_patients == NAMES
    assert {arm.place for arm in record.document.arms} == {"number of patients not printed"}
    again = read_figure(tmp_path / "record")
    assert [len(again.curves[name]) for name in NAMES] == [len(record.curves[name]) for name in NAMES]


def test_a_run_asks_for_every_arm_at_once(figure: DigitizedFigure, tmp_path: Path) -> None:
    record = digitized_record(tmp_path / "record", figure)
    with pytest.raises(MissingPatientsError) as error:
        run_record(record)
    assert error.value.arms == NAMES
    assert "n={'Placebo, oral': NUMBER, 'Drug = 5 mg': NUMBER}" in str(error.value)
    asked = error.value.advice.spelled(in_shell).removeprefix("give ").replace("NUMBER", "120")
    words = shlex.split(asked)
    assert words[::2] == ["--n", "--n"]
    assert {name: n for word in words[1::2] for name, n in numbers_by_arm(word).items()} == dict.fromkeys(NAMES, 120)


def test_a_record_takes_typed_numbers_and_a_run_keeps_them(figure: DigitizedFigure, tmp_path: Path) -> None:
    record = digitized_record(tmp_path / "record", figure)
    typed = with_patients(record, {NAMES[0]: 90, NAMES[1]: 95})
    result = run_record(typed, draws=10)
    assert [arm.n for arm in result.arms] == [90, 95]
    write_run(result, tmp_path / "run")
    assert [arm.n for arm in read_figure(tmp_path / "run").document.arms] == [90, 95]
    with pytest.raises(RecordError, match="the name of an arm: Placebo, oral, Drug = 5 mg"):
        with_patients(record, {"Placebo": 90})
    with pytest.raises(RecordError, match=r"arms\.0\.n"):
        with_patients(record, {NAMES[0]: 0})


def test_the_same_in_python(figure: DigitizedFigure, tmp_path: Path) -> None:
    digitized_record(tmp_path / "record", figure)
    result = survrecon.run(tmp_path / "record", n={NAMES[0]: 90, NAMES[1]: 95}, draws=10)
    assert [arm.n for arm in result.arms] == [90, 95]
    with pytest.raises(survrecon.SurvreconError, match="numbers by the names of arms"):
        survrecon.run(tmp_path / "record", n=90)


def test_one_arm_may_lack_its_number(figure: DigitizedFigure, tmp_path: Path) -> None:
    arms = (replace(figure.arms[0], n=90), figure.arms[1])
    record = digitized_record(tmp_path / "record", replace(figure, arms=arms), events={NAMES[0]: 70})
    assert record.document.without_patients == NAMES[1:]

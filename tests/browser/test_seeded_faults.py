"""Six faults, put into a reading that is right and repaired with mouse and keyboard alone; undo is not used.

After each repair the record is the one from before, within half a pixel, and so is the hazard ratio.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.conftest import Person, Place

pytestmark = pytest.mark.browser
MOST_INPUTS = 30
"""Clicks, drags, keys, turns of the wheel and typed values for all six faults together."""
WITHIN = 0.5
"""Pixels."""
WITHIN_RATIO = 0.005
Truth = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault: how it comes into the record, and how a person takes it out."""

    name: str
    seed: Callable[[Person, Truth], None]
    repair: Callable[[Person, Truth], None]


def _level(arm: dict[str, Any], x: float) -> float:
    corners = np.array(arm["corners"])
    return float(corners[np.searchsorted(corners[:, 0], x, side="right") - 1, 1])


def _crossing(truth: Truth) -> float:
    """Return where the two curves cross: the last place at which the first is above the second, or at its level."""
    one, two = truth["arms"]
    places = np.arange(one["corners"][1][0], one["corners"][-1][0], 0.25)
    return float(next(x for x in places[50:] if _level(one, x) >= _level(two, x)))


def _swap(person: Person, truth: Truth) -> None:
    one, two = truth["arms"]
    person.seed("swap_after", arm=one["id"], other=two["id"], x=_crossing(truth))


def _swap_back(person: Person, truth: Truth) -> None:
    x = _crossing(truth)
    person.press("x")
    person.click((x, _level(truth["arms"][0], x)))


def _misread_end(person: Person, truth: Truth) -> None:
    assert truth["axes"]["time"]["handles"][-1]["value"] == 60
    person.seed("set_handle", axis="time", index=len(truth["axes"]["time"]["handles"]) - 1, value=6)


def _type_the_end(person: Person, truth: Truth) -> None:
    person.click_on(f"[data-key=handle-time-{len(truth['axes']['time']['handles']) - 1}]")
    person.type("60")
    person.press("Enter")


def _cell(truth: Truth) -> tuple[str, int]:
    return next(
        (row["id"], column)
        for row in truth["table"]["rows"]
        for column, cell in enumerate(row["cells"])
        if cell["value"] == 281
    )


def _misread_cell(person: Person, truth: Truth) -> None:
    row, column = _cell(truth)
    person.seed("set_cell", row=row, column=column, value=231)


def _type_the_cell(person: Person, truth: Truth) -> None:
    row, column = _cell(truth)
    person.click_on("#tab-numbers")
    person.click_on(f"[data-key=cell-{row}-{column}]")
    person.type("281")
    person.press("Enter")


def _largest_step(truth: Truth) -> int:
    """Return the index of the largest step of the second arm after its middle."""
    y = np.array(truth["arms"][1]["corners"])[:, 1]
    half = len(y) // 2
    return int(half + 1 + np.argmax(np.diff(y)[half:-1]))


def _lose_step(person: Person, truth: Truth) -> None:
    person.seed("delete_corner", arm=truth["arms"][1]["id"], index=_largest_step(truth))


def _add_step(person: Person, truth: Truth) -> None:
    place: Place = tuple(truth["arms"][1]["corners"][_largest_step(truth)])
    person.zoom(place, 6)
    person.press("i")
    person.click(place)
    person.press("0")


def _legend(truth: Truth) -> list[list[float]]:
    """Return the line of a legend: in the empty upper right corner of the plot."""
    x0, y0, x1, y1 = truth["frame"]
    y = y0 + 0.05 * (y1 - y0)
    return [[x0 + 0.6 * (x1 - x0), y], [x0 + 0.65 * (x1 - x0), y]]


def _trace_legend(person: Person, truth: Truth) -> None:
    person.seed("add_arm", name="arm 3", corners=_legend(truth), colour="#2ca02c")


def _delete_legend(person: Person, truth: Truth) -> None:
    (left, y), (right, _) = _legend(truth)
    person.click(((left + right) / 2, y))
    person.press("Delete")


def _gap(truth: Truth) -> tuple[float, float]:
    """Return the longest stretch in which the first arm has no mark of its own, and the second arm has several."""
    marks = np.array(truth["arms"][0]["marks"])
    k = int(np.argmax(np.diff(marks)))
    return float(marks[k]) + 2.0, float(marks[k + 1]) - 2.0


def _misplaced(truth: Truth) -> list[int]:
    low, high = _gap(truth)
    return [k for k, x in enumerate(truth["arms"][1]["marks"]) if low < x < high]


def _misplace_marks(person: Person, truth: Truth) -> None:
    one, two = truth["arms"]
    assert len(_misplaced(truth)) > 2
    person.seed("give_marks", arm=two["id"], to=one["id"], indices=_misplaced(truth))


def _give_marks(person: Person, truth: Truth) -> None:
    low, high = _gap(truth)
    first = truth["arms"][0]
    person.drag((low, _level(first, low)), (high, _level(first, high)), modifier="Shift")
    person.press("G")


FAULTS = (
    Fault(name="arms swapped after a crossing", seed=_swap, repair=_swap_back),
    Fault(name="an axis end 60 read as 06", seed=_misread_end, repair=_type_the_end),
    Fault(name="a cell 281 read as 231", seed=_misread_cell, repair=_type_the_cell),
    Fault(name="a missing step", seed=_lose_step, repair=_add_step),
    Fault(name="a legend traced as a curve", seed=_trace_legend, repair=_delete_legend),
    Fault(name="marks on the wrong arm", seed=_misplace_marks, repair=_give_marks),
)


def _held_to(truth: Truth, state: Truth, fault: str) -> None:
    """Hold a record to the one from before: names, numbers and values exactly, places within half a pixel."""
    assert [arm["name"] for arm in state["arms"]] == [arm["name"] for arm in truth["arms"]], fault
    for arm, true in zip(state["arms"], truth["arms"], strict=True):
        for what in ("corners", "marks"):
            assert np.shape(arm[what]) == np.shape(true[what]), f"{fault}: {what} of {arm['name']}"
            assert np.abs(np.array(arm[what]) - true[what]).max() <= WITHIN, f"{fault}: {what} of {arm['name']}"
    for axis in ("time", "survival"):
        assert state["axes"][axis]["handles"] == truth["axes"][axis]["handles"], fault
    cells = [[[cell["value"] for cell in row["cells"]] for row in one["table"]["rows"]] for one in (state, truth)]
    assert cells[0] == cells[1], fault


def _accepted_ratio(person: Person) -> float:
    """Accept in the page, unless the record is again what was accepted; return the hazard ratio that it then shows."""
    if person.page.is_enabled("#accept"):
        person.page.click("#accept")
    person.page.wait_for_selector("#accept:disabled", timeout=60_000)
    (contrast,) = person.ask("/api/result")["accepted"]["contrasts"]
    return float(contrast["hazard_ratio"]["value"])


def test_six_faults_take_thirty_inputs(at_page: Callable[..., Person], crossing: Path) -> None:
    person = at_page(crossing)
    truth = person.state()
    ratio = _accepted_ratio(person)
    used = {}
    for fault in FAULTS:
        fault.seed(person, truth)
        person.page.reload()
        person.page.wait_for_selector("html[data-ready]")
        before = person.inputs
        fault.repair(person, truth)
        _held_to(truth, person.saved(), fault.name)
        used[fault.name] = person.inputs - before
        assert abs(_accepted_ratio(person) - ratio) <= WITHIN_RATIO, fault.name
    print(used)
    assert sum(used.values()) <= MOST_INPUTS, used

"""From a figure to an accepted record in the page, over the gallery, and by hand where nothing can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from examples.gallery.figures import FIGURES
from survrecon import read_figure
from tests.browser.figures import END, unreadable_scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from examples.gallery.drawing import Panel
    from examples.gallery.figures import GalleryFigure
    from tests.browser.person import Person

pytestmark = pytest.mark.browser
MOST_DOUBTS = 40
TICKS = {"time": ((90.0, 0.0), (714.0, END)), "survival": ((35.6, 1.0), (501.6, 0.0))}
"""Where a person sees the ends of the smudged axes in the scan, in pixels, and what the paper says they are."""
CLICKS = 16
MEAN_OFF, MOST_OFF = 0.005, 0.03
"""Fractions of survival: a pixel of the scan is 0.002, and at a steep place a time that is off by one is more."""


@pytest.mark.parametrize("figure", FIGURES, ids=[figure.name for figure in FIGURES])
def test_a_figure_of_the_gallery_is_walked_through_and_accepted(
    figure: GalleryFigure, at_page: Callable[..., Person], tmp_path: Path
) -> None:
    path = tmp_path / figure.name
    panels = figure.draw(path)
    options = ("--panel", panels[0].letter) if panels[0].letter else figure.options
    person = at_page(path, *options)
    names = set(panels[0].arms)
    state = person.state()
    assert {arm["name"] for arm in state["arms"]} == names
    # Every doubt is looked at, and settled as it stands.
    for _ in range(MOST_DOUBTS):
        if all(doubt["resolved"] for doubt in state["doubts"]):
            break
        person.press("n", "y")
        state = person.saved()
    assert all(doubt["resolved"] for doubt in state["doubts"])
    person.click_on("#accept")
    person.page.wait_for_selector("#accept:disabled", timeout=90_000)
    shown = person.page.inner_text("#result")
    assert "Rebuilt from this reading" in shown
    assert len(names) == 1 or "Hazard ratio" in shown


def _calibrate(person: Person) -> None:
    """Set two lines an axis: click a tick, type its value."""
    middle = {"time": 300.0, "survival": 300.0}
    for key, axis in (("a", "time"), ("s", "survival")):
        person.press(key)
        for pixel, value in TICKS[axis]:
            person.click((pixel, middle["time"]) if axis == "time" else (middle["survival"], pixel))
            person.page.wait_for_selector("#ask-value")
            person.type(f"{value:g}")
            person.press("Enter")
            person.saved()


def _trace(person: Person, panel: Panel, name: str) -> None:
    """Click along a curve from its start to its end, then name it."""
    (x0, _), (x1, end) = TICKS["time"]
    (top, _), (bottom, _) = TICKS["survival"]
    ipd = panel.arms[name]
    times = np.linspace(0.0, float(ipd.time.max()), CLICKS)
    person.press("t")
    for time, survival in zip(times, ipd.survival_at(times), strict=True):
        person.click((x0 + (x1 - x0) * time / end, bottom - (bottom - top) * survival))
    person.press("Enter")
    person.page.wait_for_selector("#ask-name")
    person.type(name)
    person.press("Enter")
    person.saved()


def test_a_scan_that_nothing_can_read_is_done_by_hand(at_page: Callable[..., Person], tmp_path: Path) -> None:
    path, panel = unreadable_scan(tmp_path)
    person = at_page(path)
    assert not person.state()["arms"]
    assert "by hand" in person.page.inner_text("#doubts")
    _calibrate(person)
    for name in panel.arms:
        _trace(person, panel, name)
    for arm in person.state()["arms"]:
        person.click_on(f"[data-key=n-{arm['id']}]")
        person.type(str(panel.arms[arm["name"]].n))
        person.press("Enter")
        person.saved()
    person.click_on("#accept")
    person.page.wait_for_selector("#accept:disabled", timeout=90_000)
    record = read_figure(tmp_path / "review")
    times = np.linspace(0.5, 0.95 * END, 200)
    for name, ipd in panel.arms.items():
        curve = record.curves[name]
        index = np.searchsorted(curve.time, times, side="right") - 1
        known = times <= curve.time[-1]
        off = np.abs(curve.survival[index] - ipd.survival_at(times))[known]
        assert known.mean() > 0.9, name
        assert off.mean() < MEAN_OFF, name
        assert off.max() < MOST_OFF, name


def _click_by_key(person: Person, place: tuple[float, float]) -> None:
    """Lead the keyboard's cursor to a place of the picture, by 50, 5 and half a screen pixel, and press Space."""
    person.press("ArrowLeft", "ArrowRight")  # it is there after the first arrow
    for axis, (back, on) in enumerate((("ArrowLeft", "ArrowRight"), ("ArrowUp", "ArrowDown"))):
        for held, step in (("Shift+", 50.0), ("", 5.0), ("Alt+", 0.5)):
            shown = person.page.get_attribute("#figure .cursor", "d")
            x, y, width = (float(part) for part in re.findall(r"-?[\d.]+", shown or "")[:3])
            here, goal = person.on_screen((x + width / 2, y)), person.on_screen(place)
            times = round((goal[axis] - here[axis]) / step)
            person.press(*[held + (on if times > 0 else back)] * abs(times))
    person.press("Space")


def test_a_newcomer_reads_a_scan_with_the_keyboard_alone(at_page: Callable[..., Person], tmp_path: Path) -> None:
    """The page says what is left to do; what is mistyped or given up by mistake is not lost."""
    path, panel = unreadable_scan(tmp_path)
    person = at_page(path)
    page, name = person.page, "Chemotherapy"
    steps = "#doubts .steps li"
    assert page.locator(steps).count() == 4
    page.click("#accept")
    page.wait_for_selector("#toast.error:not([hidden])")
    assert "two lines with their printed values" in page.inner_text("#toast")
    person.press("F6", "F6")
    page.focus("#figure")
    for key, axis in (("a", "time"), ("s", "survival")):
        person.press(key)
        for pixel, value in TICKS[axis]:
            _click_by_key(person, (pixel, 300.0) if axis == "time" else (300.0, pixel))
            page.wait_for_selector("#ask-value")
            person.type("sixty")
            person.press("Enter")
            assert page.is_visible("#ask-value")
            person.press("Control+a")
            person.type(f"{value:g}")
            person.press("Enter")
            person.saved()
    assert page.is_hidden("#toast")
    assert page.locator(f"{steps}.done").count() == 2
    (x0, _), (x1, end) = TICKS["time"]
    (top, _), (bottom, _) = TICKS["survival"]
    person.press("t")
    ipd = panel.arms[name]
    when = np.array([0.0, 10.0, 25.0, 50.0])
    for time, survival in zip(when, ipd.survival_at(when), strict=True):
        _click_by_key(person, (x0 + (x1 - x0) * time / end, bottom - (bottom - top) * survival))
    person.press("Enter")
    page.wait_for_selector("#ask-name")
    person.press("Escape")
    page.wait_for_selector("#ask-name", state="hidden")
    assert "4 clicks" in page.inner_text("#selected")
    person.press("Enter")
    page.wait_for_selector("#ask-name")
    person.type(name)
    person.press("Enter")
    arm = person.saved()["arms"][0]
    while page.evaluate("document.activeElement.dataset.key ?? ''") != "step-3":
        person.press("Tab")
        assert person.inputs < 400
    person.press("Enter")
    page.wait_for_selector(f"[data-key=n-{arm['id']}]:focus")
    person.type(str(ipd.n))
    person.press("Enter")
    person.saved()
    assert not page.locator(steps).count()
    times = np.linspace(1.0, 48.0, 100)
    corners = np.array(arm["corners"])
    heights = corners[np.searchsorted(corners[:, 0], x0 + (x1 - x0) * times / end, side="right") - 1, 1]
    off = np.abs((bottom - heights) / (bottom - top) - ipd.survival_at(times))
    assert off.mean() < MEAN_OFF
    assert off.max() < MOST_OFF

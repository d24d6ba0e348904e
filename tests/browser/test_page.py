"""What the page promises whatever the figure: speed, nothing from elsewhere, one pen, no mouse needed, nothing lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.browser.conftest import begin
from tests.browser.figures import two_panels
from tests.browser.person import Person, command_server, open_page, review_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from tests.browser.person import Place

pytestmark = pytest.mark.browser
FIRST_PAINT = 1000.0
"""Milliseconds after the page was asked for."""
FRAME = 50.0
"""Milliseconds from one frame of a drag to the next."""
FRAMES_WITHIN = 0.95
CORNERS = 2000
PEN_FREE = 12_000
"""Milliseconds within which another tab has the pen that the first has put down: two of its signs of life."""


@pytest.mark.alone
def test_paints_at_once_and_asks_nobody_else(browser: Browser, crossing: Path, tmp_path: Path) -> None:
    asked: list[str] = []
    with command_server(crossing, tmp_path / "review") as server:
        page = open_page(browser, server.address, asked)
        painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        page.click("#tab-numbers")
        page.click("#tab-result")
        page.wait_for_selector("#result .plot")
        assert "token" not in page.url
        page.context.close()
    assert painted < FIRST_PAINT
    elsewhere = [url for url in asked if not url.startswith(("http://127.0.0.1:", "blob:http://127.0.0.1:", "data:"))]
    assert not elsewhere
    assert len(asked) > 4


@pytest.mark.alone
def test_a_drag_among_2000_corners_keeps_up(at_page: Callable[..., Person], crossing: Path) -> None:
    person = at_page(crossing)
    x0, y0, x1, y1 = person.state()["frame"]
    x, y = np.linspace(x0, x1, CORNERS), np.linspace(y0, y0 + 0.4 * (y1 - y0), CORNERS)
    person.seed("add_arm", name="many", corners=np.column_stack([x, y]).tolist(), colour=None)
    person.page.reload()
    person.page.wait_for_selector("html[data-ready]")
    arm = person.state()["arms"][-1]
    assert len(arm["corners"]) == CORNERS
    middle: Place = tuple(arm["corners"][CORNERS // 2])
    person.click(middle)
    person.page.evaluate("""() => {
        window.frames_ = [];
        const note = (now) => { window.frames_.push(now); requestAnimationFrame(note); };
        requestAnimationFrame(note);
    }""")
    person.drag(middle, (middle[0], middle[1] + 60.0), steps=80)
    frames = np.diff(person.page.evaluate("window.frames_"))
    assert frames.size > 20
    assert np.quantile(frames, FRAMES_WITHIN) <= FRAME


def test_no_drag_lets_a_curve_rise_or_leave_the_frame(at_page: Callable[..., Person], crossing: Path) -> None:
    person = at_page(crossing)
    before = person.state()
    arm = before["arms"][0]
    k = len(arm["corners"]) // 2
    corner, above = arm["corners"][k], arm["corners"][k - 1]
    person.zoom(tuple(corner), 8)
    person.drag(tuple(corner), (corner[0], corner[1] - 15.0))
    moved = person.saved()["arms"][0]["corners"]
    assert moved[k][1] == pytest.approx(above[1], abs=1e-6)
    assert (np.diff(np.array(moved)[:, 1]) >= -1e-9).all()
    person.press("0")
    last = moved[-1]
    person.drag(tuple(last), (last[0], last[1] + 90.0))
    assert person.saved()["arms"][0]["corners"][-1][1] <= before["frame"][3]


def test_everything_can_be_undone_and_a_reload_loses_nothing(at_page: Callable[..., Person], crossing: Path) -> None:
    person = at_page(crossing)
    before = person.state()
    x, y = before["arms"][1]["corners"][len(before["arms"][1]["corners"]) // 2]
    person.click((x, y))
    person.press("Escape", "2", "Delete")
    assert [arm["name"] for arm in person.saved()["arms"]] == ["Chemotherapy"]
    assert person.page.is_visible("#toast button")
    person.page.reload()
    person.page.wait_for_selector("html[data-ready]")
    assert len(person.state()["arms"]) == 1
    person.press("Control+z")
    assert person.saved()["arms"] == before["arms"]
    person.press("Control+y")
    assert len(person.saved()["arms"]) == 1
    person.click_on("#undo")
    assert person.saved()["arms"] == before["arms"]


def test_what_the_paper_says_is_hidden_until_accepted(at_page: Callable[..., Person], crossing: Path) -> None:
    person = at_page(crossing)
    person.click_on("#tab-result")
    person.page.wait_for_selector("#result .hidden-result", timeout=60_000)
    assert "Hazard ratio" not in person.page.inner_text("#result")
    person.click_on("#accept")
    person.page.wait_for_selector("#accept:disabled", timeout=60_000)
    assert "Hazard ratio" in person.page.inner_text("#result")
    person.press("1", "Delete")
    person.saved()
    person.page.wait_for_selector("#result .hidden-result", timeout=60_000)


def test_a_second_tab_reads_only_until_the_first_is_left(browser: Browser, crossing_read: Path, tmp_path: Path) -> None:
    with review_server(begin(crossing_read, tmp_path / "review"), None) as server:
        first = open_page(browser, server.address)
        second = open_page(browser, server.address)
        assert second.is_visible("#banner")
        assert "another tab" in second.inner_text("#banner")
        assert second.is_disabled("#tool-step")
        assert second.is_disabled("#accept")
        person = Person(page=first)
        person.press("1", "Delete")
        person.saved()
        second.wait_for_selector("#curves .card >> nth=1", state="detached")
        first.goto("about:blank")
        second.wait_for_selector("#banner", state="hidden", timeout=PEN_FREE)
        assert second.is_enabled("#undo")
        for page in (first, second):
            page.context.close()


def _focused(person: Person) -> dict[str, Any]:
    told: dict[str, Any] = person.page.evaluate("""() => {
        const one = document.activeElement;
        return {id: one.id, key: one.dataset.key ?? '', outline: getComputedStyle(one).outlineStyle};
    }""")
    return told


def test_the_keyboard_alone_is_enough(at_page: Callable[..., Person], crossing: Path) -> None:
    person = at_page(crossing)
    before = person.state()
    person.press("F6", "1", ".", ".", ".", "Shift+ArrowRight", "ArrowLeft", "Alt+ArrowRight")
    moved = person.saved()
    assert moved["edits"] == 1
    assert moved["arms"][0]["corners"][2] != before["arms"][0]["corners"][2]
    person.press("Control+z")
    assert person.saved()["arms"] == before["arms"]
    # A step where the cursor is: it starts in the middle of the pane.
    person.press("Escape", "2", "i", "Shift+ArrowLeft", "ArrowUp", "Space")
    assert len(person.saved()["arms"][1]["corners"]) == len(before["arms"][1]["corners"]) + 1
    # From the figure to the numbers: the tabs, then the fields.
    person.press("F6", "ArrowRight")
    assert _focused(person)["id"] == "tab-numbers"
    while not _focused(person)["key"].startswith("cell-"):
        person.press("Tab")
        assert _focused(person)["outline"] != "none"
        assert person.inputs < 60
    person.type("399")
    person.press("Enter")
    assert person.saved()["table"]["rows"][0]["cells"][0]["value"] == 399
    person.press("Escape", "?")
    assert person.page.is_visible("#help")
    person.press("Escape")
    assert not person.page.is_visible("#help")


def test_several_numbers_in_a_cell_fill_the_column(at_page: Callable[..., Person], crossing: Path) -> None:
    person = at_page(crossing)
    row = person.state()["table"]["rows"][0]["id"]
    person.click_on("#tab-numbers")
    person.click_on(f"[data-key=cell-{row}-3]")
    person.type("37 6 1", values=3)
    person.press("Enter")
    assert [cell["value"] for cell in person.saved()["table"]["rows"][0]["cells"]] == [400, 281, 111, 37, 6, 1]
    # The last cell has none after it: Enter saves it all the same.
    person.click_on(f"[data-key=cell-{row}-5]")
    person.type("0")
    person.press("Enter")
    assert person.saved()["table"]["rows"][0]["cells"][5]["value"] == 0


def test_axe_finds_no_barrier(at_page: Callable[..., Person], crossing: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    person = at_page(crossing)
    found = []
    for tab in ("curves", "numbers", "result"):
        person.page.click(f"#tab-{tab}")
        if tab == "result":
            person.page.wait_for_selector("#result .plot", timeout=60_000)
        results = Axe().run(person.page)
        found += [
            f"{tab}: {one['id']}: {one['help']}: {node['html'][:120]}"
            for one in results.response["violations"]
            for node in one["nodes"]
        ]
    assert not found, "\n".join(found)


READING = 60_000
"""Milliseconds that reading a figure anew may take on a busy machine."""


def read_anew(person: Person) -> dict[str, Any]:
    """Wait until the figure was read again, and return the state."""
    person.page.wait_for_selector("#toast:has-text('was read anew')", timeout=READING)
    return person.saved()


@pytest.mark.slow
def test_a_panel_is_chosen_from_those_that_were_found(at_page: Callable[..., Person], tmp_path: Path) -> None:
    """A figure of two panels is refused until one is chosen; the other is a click away, and undo brings back."""
    figure = tmp_path / "panels.png"
    two_panels(figure)
    person = at_page(figure)
    start = person.state()
    assert (start["arms"], start["figure"]["panels"]) == ([], ["A", "B"])
    person.click_on("[data-key='panel-B']")
    second = read_anew(person)
    assert second["figure"]["panel"] == "B"
    assert len(second["arms"]) == 2
    assert second["axes"]["time"]["handles"][-1]["value"] == pytest.approx(24)
    assert person.page.is_disabled("[data-key='panel-B']")
    person.click_on("[data-key='panel-A']")
    first = read_anew(person)
    assert first["axes"]["time"]["handles"][-1]["value"] == pytest.approx(60)
    for _ in range(2):
        person.press("Control+z")
        person.saved()
    assert {**person.state(), "revision": 0, "can_redo": False} == {**start, "revision": 0}


@pytest.mark.slow
def test_a_part_is_cropped_and_read_anew(at_page: Callable[..., Person], tmp_path: Path) -> None:
    """A box is dragged around one panel, and what lies in it is read where it is in the picture."""
    figure = tmp_path / "panels.png"
    two_panels(figure)
    person = at_page(figure)
    width, height = person.state()["picture"].values()
    person.press("c")
    person.drag((width / 2 + 5.0, 3.0), (width - 3.0, height - 3.0))
    x0, y0, x1, y1 = person.saved()["figure"]["crop"]
    assert (x0, y0) == (pytest.approx(width / 2 + 5, abs=3), pytest.approx(3, abs=3))
    person.click_on("[data-key=read-again]")
    state = read_anew(person)
    assert len(state["arms"]) == 2
    assert state["axes"]["time"]["handles"][-1]["value"] == pytest.approx(24)
    assert all(x0 <= x <= x1 and y0 <= y <= y1 for arm in state["arms"] for x, y in arm["corners"])
    assert state["figure"]["crop"] == pytest.approx([x0, y0, x1, y1])

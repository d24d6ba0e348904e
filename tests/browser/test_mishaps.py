"""What goes wrong beside the page: it ends in one clear message or goes on, and nothing that was saved is lost."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from survrecon import read_figure
from tests.browser.conftest import begin
from tests.browser.person import Person, open_page, review_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
PEN_FREE = 30_000
"""Milliseconds within which a new tab has the pen of one that ended without a word."""
ERROR = "#toast.error:not([hidden])"


def test_a_browser_that_ends_in_the_middle_of_an_edit(browser: Browser, crossing_read: Path, tmp_path: Path) -> None:
    """What was saved is there, what was being dragged is not, and a new tab goes on."""
    with review_server(begin(crossing_read, tmp_path / "review"), None) as server:
        person = Person(page=open_page(browser, server.address))
        person.press("1", "Delete")
        saved = person.saved()
        x, y = saved["arms"][0]["corners"][10]
        person.page.mouse.move(*person.on_screen((x, y)))
        person.page.mouse.down()
        person.page.mouse.move(*person.on_screen((x - 4, y)), steps=3)
        person.page.context.close()
        again = Person(page=open_page(browser, server.address))
        assert again.state()["arms"] == saved["arms"]
        again.page.wait_for_selector("#banner", state="hidden", timeout=PEN_FREE)
        again.press("Control+z")
        assert len(again.saved()["arms"]) == 2
        again.page.context.close()


def test_a_slow_disk_keeps_every_edit(browser: Browser, crossing_read: Path, tmp_path: Path) -> None:
    """Keys that are faster than the disk wait for each other; the page says that it saves."""
    folder = begin(crossing_read, tmp_path / "review")
    with review_server(folder, None, "--reader", "anna", slow_disk=0.4) as server:
        person = Person(page=open_page(browser, server.address))
        person.press("F6", "1")
        for key in (".", "."):
            person.press(key, "ArrowRight", "Delete")
        assert person.page.inner_text("#saved") == "Saving..."
        edits = person.saved()["edits"]
        assert edits >= 3
        person.page.context.close()
    lines = (folder / "readers" / "anna" / "edits.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["n"] for line in lines] == list(range(1, edits + 1))


def test_a_third_arm_that_the_program_did_not_see(at_page: Callable[..., Person], crossing: Path) -> None:
    """Traced, named, with its own N and numbers at risk: the record has three arms."""
    person = at_page(crossing)
    x0, y0, x1, y1 = person.state()["frame"]
    person.press("t")
    for part in (0.0, 0.3, 0.6, 0.9):
        person.click((x0 + 1 + part * (x1 - x0), y0 + 2 + 0.9 * part * (y1 - y0)))
    person.press("Enter")
    person.page.wait_for_selector("#ask-name")
    person.type("Observation")
    person.press("Enter")
    third = person.saved()["arms"][2]
    person.click_on(f"[data-key=n-{third['id']}]")
    person.type("120")
    person.press("Enter")
    person.saved()
    person.click_on("#tab-numbers")
    person.click_on("[data-key=add-row]")
    row = person.saved()["table"]["rows"][-1]
    assert row["arm"] == third["id"]
    person.click_on(f"[data-key=cell-{row['id']}-0]")
    person.type("120")
    person.press("Enter")
    person.saved()
    person.page.click("#accept")
    person.page.wait_for_selector("#accept:disabled", timeout=90_000)
    record = read_figure(person_folder(person))
    assert [arm.name for arm in record.document.arms][2] == "Observation"
    assert record.document.arms[2].n == 120
    assert "Observation" in record.curves


def person_folder(person: Person) -> Path:
    """Return the folder of the review that a person is at."""
    assert person.folder is not None
    return person.folder


def test_files_that_vanish_are_one_message_and_nothing_is_lost(at_page: Callable[..., Person], crossing: Path) -> None:
    """Without the figure's file all but reading it anew goes on; no edit is taken until a folder is back."""
    person = at_page(crossing)
    folder = person_folder(person)
    (folder / "automatic" / crossing.with_stem("figure").name).unlink()
    person.click_on("[data-key=read-again]")
    person.page.wait_for_selector(ERROR)
    assert "no such file" in person.page.inner_text("#toast")
    person.press("1", "Delete")
    one = person.saved()
    assert len(one["arms"]) == 1
    kept = folder.with_name("kept")
    shutil.move(folder / "readers", kept)
    person.press("Control+z")
    person.saved()
    assert "put the review's folder back" in person.page.inner_text("#toast")
    assert person.state()["arms"] == one["arms"]
    shutil.move(kept, folder / "readers")
    person.press("Control+z")
    assert len(person.saved()["arms"]) == 2


def test_a_server_that_ended_says_so_and_a_new_one_goes_on(
    browser: Browser, crossing_read: Path, tmp_path: Path
) -> None:
    folder = begin(crossing_read, tmp_path / "review")
    with review_server(folder, None) as server:
        person = Person(page=open_page(browser, server.address))
        person.press("1", "Delete")
        person.saved()
    person.press("Control+z")
    person.page.wait_for_selector(ERROR)
    assert "Is survrecon review still running?" in person.page.inner_text("#toast")
    person.page.context.close()
    with review_server(folder, None) as server:
        again = Person(page=open_page(browser, server.address))
        assert len(again.state()["arms"]) == 1
        again.page.context.close()

"""Pictures of the review page for the docs, of our own figures; ``python -m tests.browser.pictures`` makes them."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from examples.gallery import styles
from tests.browser.figures import crossing_curves, unreadable_scan
from tests.browser.person import Person, open_page, review_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

DOCS = Path(__file__).parents[2] / "docs" / "review"
COLOURS = 96
"""Of a picture's palette: enough for text and curves, a third of the bytes."""


class _Album:
    """Saves what a person sees, small."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, person: Person, name: str) -> None:
        person.page.wait_for_timeout(300)
        with Image.open(io.BytesIO(person.page.screenshot())) as shot:
            small = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(self.folder / f"{name}.png", optimize=True)


def _numbers(person: Person, album: _Album) -> None:
    """Walk to a doubt about a number, and type what its picture shows."""
    person.page.wait_for_selector("#grade:not(:empty)", timeout=60_000)
    album.keep(person, "1-open")
    person.press("n")
    album.keep(person, "2-doubt")
    person.type("7")
    person.press("Enter", "Escape", "0")
    person.saved()
    person.click_on("#tab-result")
    person.page.wait_for_selector("#result .plot", timeout=60_000)
    person.page.wait_for_selector("#result [role=status]", state="detached", timeout=60_000)
    album.keep(person, "7-result")
    person.click_on("#accept")
    person.page.wait_for_selector("#accept:disabled", timeout=90_000)
    person.page.evaluate("document.querySelector('#result h2:last-of-type').scrollIntoView()")
    album.keep(person, "8-accepted")
    person.press("?")
    album.keep(person, "9-help")


def _curves(person: Person, album: _Album) -> None:
    """Drag a corner, swap two arms, and type a value at a calibration line."""
    arm = person.state()["arms"][1]
    x, y = arm["corners"][-5]
    person.zoom((x, y), 5)
    person.page.mouse.move(*person.on_screen((x, y)))
    person.page.mouse.down()
    person.page.mouse.move(*person.on_screen((x - 6, y + 5)), steps=5)
    album.keep(person, "3-drag")
    person.page.keyboard.press("Escape")
    person.page.mouse.up()
    person.press("0", "x")
    person.page.mouse.move(*person.on_screen((390.0, 240.0)))
    person.page.mouse.move(*person.on_screen((391.0, 240.0)))
    album.keep(person, "4-swap")
    person.press("Escape")
    person.page.click("[data-key=handle-time-1]")
    album.keep(person, "5-axis")


def _by_hand(person: Person, album: _Album) -> None:
    """Trace a curve by clicks along it."""
    for key, places in (("a", ((90, 300, "0"), (714, 300, "60"))), ("s", ((300, 35.6, "1"), (300, 501.6, "0")))):
        person.press(key)
        for x, y, value in places:
            person.click((x, y))
            person.page.wait_for_selector("#ask-value")
            person.type(value)
            person.press("Enter")
            person.saved()
    person.press("t")
    for place in ((91, 37), (135, 75), (185, 129), (225, 190), (275, 288), (340, 370), (404, 420)):
        person.click(place)
    album.keep(person, "6-by-hand")


def main() -> None:
    """Make every picture anew."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    for old in DOCS.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright, ExitStack() as stack:
        folder = Path(name)
        browser: Browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        stack.callback(browser.close)
        styles.survminer(folder / "figure.png")
        crossing_curves(folder / "crossing.png")
        scan, _ = unreadable_scan(folder)
        tours: tuple[tuple[Path, Callable[[Person, _Album], None]], ...] = (
            (folder / "figure.png", _numbers), (folder / "crossing.png", _curves), (scan, _by_hand),
        )  # fmt: skip
        for figure, tour in tours:
            with review_server(figure, folder / f"{figure.stem}_review", "--reader", "anna") as server:
                tour(Person(page=open_page(browser, server.address)), _Album(DOCS))


if __name__ == "__main__":
    main()

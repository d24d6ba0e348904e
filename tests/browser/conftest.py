"""A review server of its own for each test, and a person with a mouse and a keyboard whose inputs are counted."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.figures import crossing_curves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

NO_BROWSER = "no chromium on PATH: install Debian's (apt-get install chromium) or name one in CHROMIUM"
READY = 20_000
"""Milliseconds that a page may take to be ready; a busy machine takes long."""
Place = tuple[float, float]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window. Where there is none the tests are skipped, in CI they fail."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@dataclass
class Person:
    """Someone at the page: every click, drag, key and turn of the wheel is one input, a typed value is one.

    Places are pixels of the figure's picture.
    """

    page: Page
    inputs: int = 0
    told: list[str] = field(default_factory=list)
    """What was done, for the message of a test that fails."""

    def _one(self, what: str) -> None:
        self.inputs += 1
        self.told.append(what)

    def state(self) -> dict[str, Any]:
        """Return what the server holds, once everything that was done is saved."""
        self.page.wait_for_selector("#saved[data-waiting='0']")
        return self.ask("/api/state")

    def ask(self, path: str) -> dict[str, Any]:
        """Return what the server answers to a GET request."""
        answer: dict[str, Any] = self.page.evaluate("path => fetch(path).then(answer => answer.json())", path)
        return answer

    def seed(self, op: str, **arguments: Any) -> None:
        """Put a fault into the record, as another program would have left it there."""
        body = {"revision": self.state()["revision"], "op": op, **arguments}
        script = """body => fetch('/api/edit', {method: 'POST', body: JSON.stringify(body), headers: {
            'Content-Type': 'application/json', 'X-Client': sessionStorage.getItem('client')}}).then(a => a.status)"""
        assert self.page.evaluate(script, body) == 200, body

    def on_screen(self, place: Place) -> Place:
        """Return where a place of the picture is on the screen."""
        x, y = self.page.evaluate(
            """([x, y]) => {
                const {a, e, f} = document.querySelector('#figure g').getScreenCTM();
                return [a * x + e, a * y + f];
            }""",
            list(place),
        )
        return x, y

    def click(self, place: Place) -> None:
        """Click on a place of the picture."""
        self._one(f"click {place}")
        self.page.mouse.click(*self.on_screen(place))

    def zoom(self, place: Place, turns: int) -> None:
        """Turn the wheel over a place: towards it, or away from it where ``turns`` is negative."""
        self.page.mouse.move(*self.on_screen(place))
        for _ in range(abs(turns)):
            self._one("wheel")
            self.page.mouse.wheel(0, -100 if turns > 0 else 100)
            self.page.wait_for_timeout(30)

    def drag(self, start: Place, end: Place, *, modifier: str | None = None, steps: int = 8) -> None:
        """Drag from one place of the picture to another."""
        self._one(f"drag {start} to {end}")
        if modifier:
            self.page.keyboard.down(modifier)
        self.page.mouse.move(*self.on_screen(start))
        self.page.mouse.down()
        self.page.mouse.move(*self.on_screen(end), steps=steps)
        self.page.wait_for_timeout(50)
        self.page.mouse.up()
        if modifier:
            self.page.keyboard.up(modifier)

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self._one(f"key {key}")
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a value, which is one input."""
        self._one(f"type {text}")
        self.page.keyboard.type(text)

    def click_on(self, selector: str) -> None:
        """Click on a button or field beside the figure."""
        self._one(f"click on {selector}")
        self.page.click(selector)

    def saved(self) -> dict[str, Any]:
        """Wait until what was done last is saved, and return the state."""
        self.page.wait_for_timeout(80)
        return self.state()


@dataclass
class Review:
    """A server that runs, and its address with the token."""

    address: str
    folder: Path


@contextmanager
def review_server(figure: Path, folder: Path, *options: str) -> Iterator[Review]:
    """Run ``survrecon review`` on a figure, as a person would at a terminal."""
    command = [sys.executable, "-m", "survrecon", "review", str(figure), "-o", str(folder), "--no-browser", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        try:
            for line in process.stderr:
                said.append(line)
                if found := re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line):
                    yield Review(address=found[0], folder=folder)
                    break
            else:
                pytest.fail("the server did not start: " + "".join(said))
        finally:
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture(scope="session")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A figure with two curves that cross."""
    path = tmp_path_factory.mktemp("figures") / "crossing.png"
    crossing_curves(path)
    return path


def open_page(browser: Browser, address: str, requests: list[str] | None = None) -> Page:
    """Open the page and wait until it is ready; every request's address is put into ``requests``."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    if requests is not None:
        page.on("request", lambda request: requests.append(request.url))
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.set_default_timeout(READY)
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    assert not faults, faults
    return page


@pytest.fixture
def at_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Person]]:
    """Open a review of a figure and return the person who sits before it."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(figure: Path, *options: str) -> Person:
            server = stack.enter_context(review_server(figure, tmp_path / "review", "--reader", "anna", *options))
            page = open_page(browser, server.address)
            stack.callback(page.context.close)
            return Person(page=page)

        yield start

"""A person with a mouse and a keyboard before the review page, whose inputs are counted."""

from __future__ import annotations

import multiprocessing
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext
    from pathlib import Path

    from playwright.sync_api import Browser, Page

__all__ = ["Person", "Place", "Review", "command_server", "open_page", "review_server"]

READY = 20_000
"""Milliseconds that a page may take to be ready; a busy machine takes long."""
LOADED = (
    "uvicorn", "uvicorn.protocols.http.auto", "survrecon.cli", "survrecon.analysis.cox", "survrecon.digitizing.overlay",
    "survrecon.digitizing.raster.figure", "survrecon.digitizing.vector.figure",
    "survrecon.reconstruction.reconstruct", "survrecon.report.page", "survrecon.review.server",
    "survrecon.review.session",
)  # fmt: skip
"""What a review loads, loaded once for all servers."""
ENDING = 10
"""Seconds that a server may take to end."""
Place = tuple[float, float]


@dataclass
class Person:
    """Someone at the page: every click, drag, key and turn of the wheel is one input, a typed value is one.

    Places are pixels of the figure's picture.
    """

    page: Page
    folder: Path | None = None
    """Of the review."""
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

    def type(self, text: str, values: int = 1) -> None:
        """Type a value, which is one input; several, with blanks between them, are as many."""
        self._one(f"type {text}")
        self.inputs += values - 1
        self.page.keyboard.type(text)

    def choose(self, selector: str, value: str) -> None:
        """Open a list and choose from it, which is two inputs."""
        self._one(f"open {selector}")
        self._one(f"choose {value}")
        self.page.select_option(selector, value)

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
def command_server(target: Path, folder: Path | None, *options: str) -> Iterator[Review]:
    """Run ``survrecon review`` on a figure or a review's folder, as a person would at a terminal."""
    command = [sys.executable, "-m", "survrecon", *_words(target, folder, options)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            yield Review(address=_address(process.stderr), folder=folder or target)
        finally:
            process.terminate()
            process.wait(timeout=ENDING)


@contextmanager
def review_server(target: Path, folder: Path | None, *options: str, slow_disk: float = 0.0) -> Iterator[Review]:
    """Run the same command in a process that has loaded the program already: seconds sooner.

    ``slow_disk`` is how many seconds the disk takes until it holds what it was given.
    """
    told, tells = _processes().Pipe(duplex=False)
    process = _processes().Process(target=_run_command, args=(_words(target, folder, options), tells, slow_disk))
    process.start()
    tells.close()
    try:
        with os.fdopen(os.dup(told.fileno()), encoding="utf-8") as lines:
            yield Review(address=_address(lines), folder=folder or target)
    finally:
        process.terminate()
        process.join(timeout=ENDING)
        told.close()


@cache
def _processes() -> ForkServerContext:
    """Return what starts processes that have loaded the program, split off one of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    return context


def _run_command(words: list[str], tells: Connection, slow_disk: float) -> None:
    """Run the program's command line, and write what it says to a pipe."""
    from survrecon.cli import main

    if slow_disk:
        os.fsync = lambda _: time.sleep(slow_disk)  # type: ignore[assignment]
    sys.stderr = os.fdopen(os.dup(tells.fileno()), "w", buffering=1, encoding="utf-8")
    sys.argv = ["survrecon", *words]
    main()


def _words(target: Path, folder: Path | None, options: Iterable[str]) -> list[str]:
    output = [] if folder is None else ["-o", str(folder)]
    return ["review", str(target), *output, "--no-browser", *options]


def _address(lines: Iterable[str]) -> str:
    """Return the address that a server prints once it listens."""
    said = []
    for line in lines:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line):
            return found[0]
    raise RuntimeError("the server did not start: " + "".join(said))


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

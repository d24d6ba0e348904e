"""A review server of its own for each test, and a person before its page."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.browser.figures import crossing_curves
from tests.browser.person import Person, open_page, review_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

CROSSING = "crossing.png"
NO_BROWSER = "no chromium on PATH: install Debian's (apt-get install chromium) or name one in CHROMIUM"


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


@pytest.fixture(scope="session")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A figure with two curves that cross."""
    path = tmp_path_factory.mktemp("figures") / CROSSING
    crossing_curves(path)
    return path


@pytest.fixture(scope="session")
def crossing_read(crossing: Path) -> Path:
    """The folder of a review of it that nobody has begun: what the program read."""
    folder = crossing.parent / "read"
    with review_server(crossing, folder):
        return folder


@pytest.fixture
def at_page(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Person]]:
    """Open a review of a figure and return the person who sits before it.

    Of the figure with two curves that cross, the reading is made once and a test gets a copy of its folder.
    """
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(figure: Path, *options: str) -> Person:
            folder = tmp_path / "review"
            if figure.name == CROSSING and not options:
                target, output = begin(request.getfixturevalue("crossing_read"), folder), None
            else:
                target, output = figure, folder
            server = stack.enter_context(review_server(target, output, "--reader", "anna", *options))
            page = open_page(browser, server.address)
            stack.callback(page.context.close)
            return Person(page=page, folder=folder)

        yield start


def begin(read: Path, folder: Path) -> Path:
    """Copy what the program read of a figure into a review's folder, which is returned."""
    shutil.copytree(read / "automatic", folder / "automatic")
    return folder

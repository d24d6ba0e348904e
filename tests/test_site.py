"""The documentation site, short of its build: public names, options, quoted messages, and the checks of its pages."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import survrecon
from survrecon.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGE = '<html><head><link rel="stylesheet" href="style.css"></head><body id="top">{}</body></html>'


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.fixture
def built_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(DOCS))
    yield import_module("built_pages")
    sys.modules.pop("built_pages")


def test_every_public_name_is_on_the_page_of_python() -> None:
    named = re.findall(r"^\.\. auto(?:class|function):: (\w+)$", _text("api.md"), re.MULTILINE)
    assert sorted(named) == sorted(survrecon.__all__)


def test_every_option_of_a_page_is_one_of_the_commands() -> None:
    known = {word for command in cli.commands.values() for option in command.params for word in option.opts}
    known |= {"--cite", "--help"}
    for page in ("start", "read_a_figure", "refused", "synthesise", "coming_from"):
        assert set(re.findall(r"--[a-z][a-z0-9-]+", _text(f"{page}.md"))) <= known, page


def test_quoted_refusals_are_those_of_the_program() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \|", _text("refused.md"), re.MULTILINE)
    quoted = [message for cell in rows for message in re.findall(r"`([^`]+)`", cell)]
    source = "\n".join(path.read_text(encoding="utf-8") for path in Path(survrecon.__file__).parent.rglob("*.py"))
    assert len(quoted) > 20
    assert not [message for message in quoted if message not in source]


def test_the_gallery_is_made_before_the_site_where_code_has_changed() -> None:
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "\ndocs: build/gallery\n" in rules
    made = re.search(r"^build/gallery: (.*)\n((?:\t.*\n)+)", rules, re.MULTILINE)
    assert made is not None
    assert "$(shell find survrecon examples -name '*.py')" in made[1]
    assert {"examples.gallery", "examples.gallery.journals"} <= set(re.findall(r"-m (\S+)", made[2]))


def test_pages_that_stand_alone_have_no_fault(tmp_path: Path, built_pages: Any) -> None:
    _write(tmp_path, '<a href="other.html#there">there</a> <a href="https://doi.org/x">paper</a> <img src="a%20b.png">')
    assert built_pages.faults_of(tmp_path) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="gone.html">x</a>', "index.html: gone.html leads nowhere"),
        ('<a href="other.html#gone">x</a>', "index.html: other.html#gone leads nowhere"),
        ('<a href="#gone">x</a>', "index.html: #gone leads nowhere"),
        ('<img src="gone.png">', "index.html: gone.png leads nowhere"),
        (
            '<script src="https://cdn.example/a.js"></script>',
            "index.html: loads https://cdn.example/a.js from elsewhere",
        ),
        ('<img src="//cdn.example/a.png">', "index.html: loads //cdn.example/a.png from elsewhere"),
        (
            '<link rel="preconnect" href="https://fonts.example">',
            "index.html: loads https://fonts.example from elsewhere",
        ),
        (
            '<p style="background: url(https://a.example/b.png)">',
            "index.html: loads https://a.example/b.png from elsewhere",
        ),
        (
            '<script type="module">import a from "https://cdn.example/a.mjs"</script>',
            "index.html: loads https://cdn.example/a.mjs from elsewhere",
        ),
    ],
)
def test_a_fault_is_named(tmp_path: Path, built_pages: Any, body: str, fault: str) -> None:
    _write(tmp_path, body)
    assert built_pages.faults_of(tmp_path) == [fault]


def test_style_sheets_fetch_nothing(tmp_path: Path, built_pages: Any) -> None:
    _write(tmp_path, "")
    (tmp_path / "style.css").write_text('@import "https://fonts.example/f.css"; a { background: url(b.png) }')
    assert built_pages.faults_of(tmp_path) == ["style.css: loads https://fonts.example/f.css from elsewhere"]


def _write(folder: Path, body: str) -> None:
    """Write two pages, a style sheet and a picture."""
    (folder / "index.html").write_text(PAGE.format(body), encoding="utf-8")
    (folder / "other.html").write_text(PAGE.format('<p id="there"></p>'), encoding="utf-8")
    (folder / "style.css").write_text("a { color: black }", encoding="utf-8")
    (folder / "a b.png").write_bytes(b"")

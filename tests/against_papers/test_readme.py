"""The README says what runs say: its tour, its Python, its commands; its table is held by `test_verdicts`."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from tests.readme import PAGES, README, ROOT, in_fresh_folder, with_outputs

WRITTEN = {".md", ".toml", ".py", ".lock", ".cff", ".ipynb", ".csv", ".R", ".j2"}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tour(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert in_fresh_folder(lambda folder: with_outputs(text, folder)) == text, "run: python -m tests.readme"


def test_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert doctest.testfile(str(README), module_relative=False).failed == 0


def test_make_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("reproduce", "test", "test-all", "lint"):
        assert f"\n{target}:" in makefile


def test_links_lead_somewhere() -> None:
    docs = sorted((ROOT / "docs").glob("*.md"))
    pages = (README, ROOT / "CONTRIBUTING.md", ROOT / "digitized_curves" / "README.md", *docs)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#]+)\)", text) + re.findall(r'src="([^"]+)"', text):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_examples_are_what_their_script_writes() -> None:
    from examples.make_examples import example_files

    for name, text in example_files().items():
        assert (ROOT / "examples" / name).read_text(encoding="utf-8") == text


def test_the_gallery_shows_every_figure() -> None:
    from examples.gallery.figures import FIGURES

    text = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [figure.title for figure in FIGURES]
    pictures = list((ROOT / "docs" / "gallery").iterdir())
    assert {picture.name for picture in pictures} == set(re.findall(r'src="gallery/([^"]+)"', text))
    assert sum(picture.stat().st_size for picture in pictures) < 3e6


def test_no_machine_in_the_project() -> None:
    """No path of a machine and no registry host anywhere in the project's own text."""
    words = ("/root/", "/work/", "/home/", "pypi.org", "files.pythonhosted")
    folders = ("survrecon", "digitized_curves", "notebooks", "benchmarks", "docs", "examples", "tests", ".ci")
    written = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in WRITTEN]
    for path in (*written, *(path for path in ROOT.iterdir() if path.suffix in WRITTEN)):
        if path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        assert not [word for word in words if word in text], path


def test_folders() -> None:
    assert all(Path(ROOT / name).is_dir() for name in ("survrecon", "notebooks", "digitized_curves", "tests"))

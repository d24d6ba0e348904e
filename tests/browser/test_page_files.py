"""The files of the review page, as they are given out."""

from __future__ import annotations

import re
from pathlib import Path

import survrecon

STATIC = Path(survrecon.__file__).parent / "review" / "static"
MOST_BYTES = 150_000
OWN_WORDS = ("http://www.w3.org/2000/svg",)
"""Addresses that name a language and are never asked."""


def test_the_page_is_small_and_of_three_files() -> None:
    files = sorted(STATIC.iterdir())
    assert [path.name for path in files] == ["index.html", "review.css", "review.js"]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES


def test_the_page_names_nothing_outside() -> None:
    for path in STATIC.iterdir():
        found = re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s'\"]*", path.read_text(encoding="utf-8"))
        outside = [one for one in found if one not in OWN_WORDS and "www.w3.org/2000/svg" not in one]
        assert not outside, path.name


def test_the_page_has_no_script_or_style_within() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)

"""What a browser makes of a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

__all__ = ["Tags", "loads"]

VOID = {"meta", "br", "img", "link", "rect", "line", "circle"}


class Tags(HTMLParser):
    """Collects tags with their attributes, and checks that they close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def loads(page: str) -> list[str]:
    """Return what a browser would fetch; links that a reader follows are none of it."""
    tags = Tags(page).seen
    assert not any(tag in ("script", "iframe", "object", "embed", "link") for tag, _ in tags)
    fetched = [str(attrs[key]) for tag, attrs in tags for key in ("src", "srcset", "poster", "data") if attrs.get(key)]
    return [address for address in fetched if not address.startswith("data:")] + re.findall(r"url\(|@import", page)

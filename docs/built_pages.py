"""Faults of a folder of built pages: links that lead nowhere, and what a browser would fetch from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_FETCHED = {"src", "srcset", "poster", "data", "background"}
"""Attributes whose content a browser loads with the page."""
_LOADED_LINKS = {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "preconnect", "dns-prefetch", "manifest"}
"""Kinds of ``<link>`` that a browser follows by itself."""
_IN_STYLES = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])((?:https?:)?//[^"')\s]+)""")
_IN_SCRIPTS = re.compile(r"""(?:\bimport\b|\bfetch\(|\bsrc\s*=)[^;\n]*?["']((?:https?:)?//[^"'\s]+)""")
_ELSEWHERE = re.compile(r"(?:https?:)?//")


class _Page(HTMLParser):
    """Anchors of a page, its links to other pages, and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self._tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what the tag anchors, links to and loads."""
        self._tag = tag
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.loaded += [value for name, value in given.items() if name in _FETCHED]
        self.loaded += _IN_STYLES.findall(given.get("style", ""))
        if tag == "link" and _LOADED_LINKS & set(given.get("rel", "").split()):
            self.loaded.append(given["href"])
        elif tag in {"a", "area"} and "href" in given:
            self.links.append(given["href"])

    def handle_endtag(self, _tag: str) -> None:
        """Leave a style or a script."""
        self._tag = ""

    def handle_data(self, data: str) -> None:
        """Keep what a style or a script within the page loads."""
        found = {"style": _IN_STYLES, "script": _IN_SCRIPTS}.get(self._tag)
        self.loaded += found.findall(data) if found is not None else []


def faults_of(folder: Path) -> list[str]:
    """Return a line for each fault of the pages and style sheets of a folder."""
    written = [path for path in sorted(folder.rglob("*.html")) if "_static" not in path.parts]  # templates of the theme
    pages = {path.resolve(): _parsed(path) for path in written}
    faults = []
    for path, page in pages.items():
        where = path.relative_to(folder.resolve())
        faults += [f"{where}: loads {url} from elsewhere" for url in page.loaded if _ELSEWHERE.match(url)]
        local = [url for url in page.loaded if not _ELSEWHERE.match(url) and not url.startswith("data:")]
        faults += [f"{where}: {url} leads nowhere" for url in page.links + local if not _leads(path, url, pages)]
    for style in sorted(folder.rglob("*.css")):
        found = _IN_STYLES.findall(style.read_text(encoding="utf-8"))
        faults += [f"{style.relative_to(folder)}: loads {url} from elsewhere" for url in found]
    return faults


def _parsed(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _leads(page: Path, url: str, pages: dict[Path, _Page]) -> bool:
    """Tell whether a link within the folder has its page and its anchor; links to elsewhere are not asked."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return True
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target not in pages or not parts.fragment:
        return target.is_file()
    return unquote(parts.fragment) in pages[target].anchors

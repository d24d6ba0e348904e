"""`benchmarks/RESULTS.md`: one section a benchmark, between markers, with the command that made it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

__all__ = ["markdown_table", "write_section"]

RESULTS = Path(__file__).with_name("RESULTS.md")


def write_section(name: str, command: str, text: str) -> None:
    """Write or replace the section ``name``; the other sections stay as they are."""
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    today = datetime.now(UTC).date().isoformat()
    section = f"{start}\n## {name}\n`{command}` ({today})\n\n{text.strip()}\n{end}\n"
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else "# Benchmarks: numbers as measured\n"
    if start in old and end in old:
        before, after = old.split(start, 1)[0], old.split(end, 1)[1].lstrip("\n")
        new = before + section + (f"\n{after}" if after else "")
    else:
        new = f"{old.rstrip()}\n\n{section}"
    RESULTS.write_text(new, encoding="utf-8")


def markdown_table(header: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)

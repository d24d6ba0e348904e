"""A short manifest, and what a batch leaves in its folder."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PLAIN", "contents", "summary"]

PLAIN = ("id,figure,draws", "first,one.svg,5", "second,two.svg,5")


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def summary(output: Path) -> list[dict[str, str]]:
    with (output / "summary.csv").open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))

"""``docs/architecture.md`` names every room and every file of the package, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import survrecon

ROOT = Path(survrecon.__file__).parent
PAGE = (ROOT.parent / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_file_is_named() -> None:
    inner = [path for path in ROOT.rglob("*.py") if path.parent != ROOT and path.name != "__init__.py"]
    missing = [str(path.relative_to(ROOT)) for path in inner if f"{path.name}`" not in PAGE]
    assert not missing
    rooms = {path.parent.name for path in inner}
    assert not [room for room in rooms if f"{room}/" not in PAGE]


def test_nothing_is_named_that_is_not_there() -> None:
    names = {name.split("/")[-1] for name in re.findall(r"`([a-z_/]+\.py)`", PAGE)}
    here = {path.name for path in ROOT.rglob("*.py")} | {"test_layers.py", "priors.py"}
    assert names <= here, names - here

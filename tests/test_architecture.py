"""``docs/architecture.md`` names every room and every file of the package, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import survrecon

ROOT = Path(survrecon.__file__).parent
PAGE = (ROOT.parent / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_file_is_named_in_its_room() -> None:
    """A file stands in the section of its room; one of a folder in the room, in a row of that folder."""
    inner = [path for path in ROOT.rglob("*.py") if path.parent != ROOT and path.name != "__init__.py"]
    sections = re.split(r"\n### ", PAGE.split("## The rooms")[1])[1:]
    missing = []
    for path in inner:
        room, *folders = path.parent.relative_to(ROOT).parts
        section = next((one for one in sections if f"`{room}/`" in one.splitlines()[0]), "")
        rows = section.splitlines()
        for folder in folders[-1:]:
            rows = [row for row in rows if re.match(rf"\| `([a-z]+/)*{folder}/`", row)]
        if not re.search(rf"[`/]{path.name}`", "\n".join(rows)):
            missing.append(str(path.relative_to(ROOT)))
    assert not missing


def test_nothing_is_named_that_is_not_there() -> None:
    names = {name.split("/")[-1] for name in re.findall(r"`([a-z_/]+\.py)`", PAGE)}
    here = {path.name for path in ROOT.rglob("*.py")} | {"test_layers.py", "priors.py"}
    assert names <= here, names - here

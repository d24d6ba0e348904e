"""The locks hold everything, and are installed as they are: no pip looks for a release that they do not have."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import requires
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ASKED = {
    "requirements.lock": [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]],
    "requirements-dev.lock": [*PROJECT["dependency-groups"]["dev"], *PROJECT["dependency-groups"]["docs"]],
}


def pinned(lock: str) -> dict[str, set[str]]:
    """Return the versions of each package; a universal lock may hold two, for different versions of Python."""
    found: dict[str, set[str]] = {}
    for name, number in PINNED.findall((ROOT / lock).read_text(encoding="utf-8")):
        found.setdefault(canonicalize_name(name), set()).add(number)
    return found


def needed(asked: list[str]) -> Iterator[Requirement]:
    """Yield what is asked for and what that needs in this environment, with the requirements of extras."""
    waiting, seen = [Requirement(text) for text in asked], set()
    while waiting:
        one = waiting.pop()
        if str(one) not in seen:
            seen.add(str(one))
            yield one
            waiting += [inner for inner in map(Requirement, requires(one.name) or []) if wanted(inner, one.extras)]


def wanted(inner: Requirement, extras: set[str]) -> bool:
    return inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in ("", *extras))


@pytest.mark.parametrize("lock", ASKED)
def test_a_lock_holds_all_that_its_packages_need(lock: str) -> None:
    """What it lacked would not be installed, as pip does not resolve."""
    held = pinned(lock)
    for one in needed(ASKED[lock]):
        assert any(one.specifier.contains(v) for v in held.get(canonicalize_name(one.name), ())), one


def test_both_locks_hold_the_same_versions() -> None:
    """The second is installed over the first."""
    first, second = (pinned(lock) for lock in ASKED)
    assert not [name for name in first.keys() & second.keys() if first[name] != second[name]]


def test_every_lock_is_installed_without_resolving() -> None:
    """In hash mode pip 23 takes the newest release that an extra of a locked package asks for, which no lock has."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^LOCKED := .*--no-deps --require-hashes$", makefile, re.MULTILINE)
    lines = [line for line in makefile.splitlines() if " -r requirements" in line]
    assert len(lines) >= len(ASKED)
    assert all("$(LOCKED)" in line for line in lines)

"""A question of the assessor's checklist with its answer."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ChecklistItem", "share"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChecklistItem:
    """One question: what was given, ``yes``, ``no`` or ``in part``; what it was; what was assumed otherwise.

    An item that is no input has no ``given``.
    """

    item: str
    given: str
    found: str
    assumed: str = ""


def share(known: int, of: int) -> str:
    """Return whether all, some or none of what is asked for was given."""
    return "no" if not known else "yes" if known >= of else "in part"

"""The whole catalogue, rebuilt once: records of printed numbers, and, which takes longer, of published figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from survrecon.records.folder import catalogue, read_document
from survrecon.records.schema import SourceKind
from survrecon.running.front import reproduce

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult


@pytest.fixture(scope="session")
def catalogue_results() -> dict[str, RecordResult]:
    """In this process: where tests run side by side, every core has its own already."""
    return _rebuilt(figures=False)


@pytest.fixture(scope="session")
def figure_results() -> dict[str, RecordResult]:
    """Records that the program read from published figures."""
    return _rebuilt(figures=True)


def names_of(*, figures: bool) -> list[str]:
    """Return the records that were read from figures, or the others."""
    kinds = {folder.name: read_document(folder).digitized.kind for folder in catalogue()}
    return [name for name, kind in kinds.items() if (kind is not SourceKind.SUMMARY) is figures]


def _rebuilt(*, figures: bool) -> dict[str, RecordResult]:
    return {result.record.name: result for result in reproduce(names_of(figures=figures), jobs=1)}

"""The whole catalogue, rebuilt once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from survrecon.running.front import reproduce

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult


@pytest.fixture(scope="session")
def catalogue_results() -> dict[str, RecordResult]:
    """In this process: where tests run side by side, every core has its own already."""
    return {result.record.name: result for result in reproduce(jobs=1)}

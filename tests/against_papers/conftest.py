"""The whole catalogue, rebuilt once."""

from __future__ import annotations

import pytest

from survrecon.pipeline.catalogue_run import reproduce
from survrecon.result import RecordResult


@pytest.fixture(scope="session")
def catalogue_results() -> dict[str, RecordResult]:
    """In this process: where tests run side by side, every core has its own already."""
    return {result.record.name: result for result in reproduce(jobs=1)}

"""Examples that Hypothesis makes: the same ones in every run, or fresh ones with ``HYPOTHESIS_PROFILE=fresh``.

``make test`` tries few of them, ``make test-all`` (profile ``thorough``) more.
"""

import os

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=20)
settings.register_profile("thorough", derandomize=True, deadline=None, max_examples=100)
settings.register_profile("fresh", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

LONGEST = (
    "tests/batch/test_processes.py",
    "tests/digitizing/test_raster.py",
    "tests/against_papers/test_verdicts.py",
    "tests/end_to_end/test_gallery.py",
    "survrecon/",
    "tests/weighting/test_constrain.py",
)
"""Files that take long, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: a file is one worker's, and the last files to be given out should be short."""
    places = {start: place for place, start in enumerate(LONGEST)}
    items.sort(key=lambda item: next((p for start, p in places.items() if item.nodeid.startswith(start)), len(LONGEST)))

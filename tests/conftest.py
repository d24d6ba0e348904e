"""Examples that Hypothesis makes: the same ones in every run, or fresh ones with ``HYPOTHESIS_PROFILE=fresh``.

``make test`` tries few of them, ``make test-all`` (profile ``thorough``) more.
"""

import os

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=30)
settings.register_profile("thorough", derandomize=True, deadline=None, max_examples=100)
settings.register_profile("fresh", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

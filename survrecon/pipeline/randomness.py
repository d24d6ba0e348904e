"""One stream of random numbers a purpose, so that results do not depend on what else is run."""

from __future__ import annotations

from zlib import crc32

import numpy as np

__all__ = ["generator"]


def generator(seed: int, *purpose: str) -> np.random.Generator:
    """Return the generator of a seed and a purpose (record, arm, scenario).

    Examples
    --------
    >>> generator(0, "a record").integers(1000) == generator(0, "a record").integers(1000)
    np.True_
    """
    return np.random.default_rng([seed, *(crc32(word.encode()) for word in purpose)])

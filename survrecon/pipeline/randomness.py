"""One stream of random numbers a purpose, so that results do not depend on what else is run.

What a stream is told by is a seed, an arm's place in its record and the purpose; `reconstruct` adds what the arm is
rebuilt from. Names of folders and files do not enter: a record that is moved gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np

from survrecon.reconstruction.summary.inputs import SummaryArm

__all__ = ["generator", "printed_numbers"]


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """Return the generator of a seed and a purpose (place of an arm, scenario, printed numbers).

    Place 0 is the seed alone, so the first arm of a record has the stream of a curve by itself.

    Examples
    --------
    >>> generator(0, "a scenario").integers(1000) == generator(0, "a scenario").integers(1000)
    np.True_
    >>> generator(3, 0).integers(1000) == generator(3).integers(1000)
    np.True_
    """
    return np.random.default_rng([seed, *(w if isinstance(w, int) else crc32(w.encode()) for w in purpose)])


def printed_numbers(arms: Sequence[SummaryArm]) -> str:
    """Return what a summary record is built from as a purpose: the arms' printed numbers, without their names."""
    return repr([replace(arm, name="") for arm in arms])

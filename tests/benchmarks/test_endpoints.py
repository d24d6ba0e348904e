"""Simulated illness-death patients: the true ones of a trial are always a pair of data sets that can be one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from benchmarks.endpoints import IllnessDeath, simulate_arm
from survrecon.analysis.endpoints.pairs import admissible_pairs
from survrecon.model.ipd import PseudoIPD


@pytest.mark.parametrize(("frailty", "visits"), [*product((0.0, 0.5), (0.0, 2.0))])
def test_true_patients_are_admissible(frailty: float, visits: float) -> None:
    law = IllnessDeath(
        progression=0.06, death=0.02, death_after=0.08, frailty=frailty, visits=visits, shortest=9, longest=30
    )
    rng = np.random.default_rng(4)
    for _ in range(20):
        (first, progressed), (last, died) = simulate_arm(law, 50, rng)
        assert (first <= last).all()
        pfs, os = PseudoIPD(time=first, event=progressed), PseudoIPD(time=last, event=died)
        assert admissible_pairs([pfs], [os])[0, 0]
        assert pfs.events >= os.events

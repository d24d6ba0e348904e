"""Random numbers come of the seed and of what is given: the same again, and others for other inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from survrecon import reconstruct
from survrecon.reconstruction.problem import stream_of
from tests.build import curve, table
from tests.statespace.figures import simulated, trace

if TYPE_CHECKING:
    from survrecon.model.curve import SurvivalCurve
    from survrecon.model.ipd import PseudoIPD

TIME, SURVIVAL = [0.0, 1.0, 2.5, 7.0], [1.0, 0.9, 0.7, 0.3]
GIVEN: dict[str, Any] = {
    "n": 20,
    "risk_table": table([0, 2, 4], [20, 15, 9]),
    "events": 12,
    "censor_times": np.array([1.0, 3.0]),
}


def first(points: SurvivalCurve | None = None, seed: int = 0, **given: Any) -> int:
    """The first number of an arm's stream."""
    points = curve(TIME, SURVIVAL) if points is None else points
    return int(stream_of(np.random.default_rng(seed), points, **GIVEN | given).integers(2**63))


@pytest.mark.parametrize(
    "other",
    [
        {"n": 21},
        {"events": 13},
        {"events": None},
        {"risk_table": None},
        {"risk_table": table([0, 2, 4], [20, 15, 8])},
        {"risk_table": table([0, 2, 5], [20, 15, 9])},
        {"censor_times": None},
        {"censor_times": np.array([1.0, 3.5])},
        {"points": curve(TIME, [1.0, 0.9, 0.7, 0.31])},
        {"points": curve([0.0, 1.0, 2.6, 7.0], SURVIVAL)},
        {"seed": 1},
    ],
    ids=str,
)
def test_other_inputs_have_other_numbers(other: dict[str, Any]) -> None:
    """Two unlike arms that were given one seed used to share them."""
    assert first(**other) != first()


def test_what_is_the_same_has_the_same_numbers() -> None:
    """Order of points, unit of time and the round-off of percent make no other arm."""
    assert first() == first()
    assert first(curve(TIME[::-1], SURVIVAL[::-1])) == first()
    assert first(curve(TIME, [s * 100 / 100 + 1e-15 for s in SURVIVAL])) == first()
    days = 30.4375
    table_in_days = table([0, 2 * days, 4 * days], [20, 15, 9])
    in_days = first(
        curve([t * days for t in TIME], SURVIVAL), risk_table=table_in_days, censor_times=np.array([days, 3 * days])
    )
    assert in_days == first()


def same(one: list[PseudoIPD], other: list[PseudoIPD]) -> bool:
    return all(
        np.array_equal(a.time, b.time) and np.array_equal(a.event, b.event) for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("more", [{}, {"risk_table": table([0, 5, 10], [40, 22, 9])}], ids=["n alone", "table"])
def test_draws_do_not_depend_on_what_was_asked_before(more: dict[str, Any]) -> None:
    points = trace(simulated(40, 7), 7)
    asked, fresh = (reconstruct(points, n=40, arm=arm, **more) for arm in ("arm", "another name"))
    fifty = asked.draws(50)
    assert same(asked.draws(120), fresh.draws(120))
    assert same(asked.draws(50), fifty)
    assert same(fresh.draws(50), fifty)
    assert np.array_equal(asked.ipd.time, fresh.ipd.time)

"""Which printed p values may weight draws: two of them say too little."""

from __future__ import annotations

import pytest

from survrecon.errors import ConstraintError
from survrecon.weighting.constraints import constraint_of, not_usable
from tests.weighting.trials import fact

ARMS = ["drug", "placebo"]


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"quantity": "p_value", "value": 0.03}, "test not named"),
        ({"quantity": "p_value", "value": 0.03, "test": "Wald"}, "its test is not the log-rank: Wald"),
        (
            {"quantity": "logrank_p", "value": 0.05, "bound": "more than", "sides": 1},
            "it is a bound of a one-sided p that either direction of the effect meets",
        ),
    ],
)
def test_what_is_no_constraint(keys: dict[str, object], reason: str) -> None:
    printed = fact(**keys, decimals=2)  # type: ignore[arg-type]
    assert not_usable(printed) == reason
    with pytest.raises(ConstraintError, match=reason):
        constraint_of(printed, [], ARMS)


def test_a_bound_tells_the_direction_of_p() -> None:
    p = fact("logrank_p", value=0.03, decimals=2, sides=1)
    for bound, value, sign in (("less than", 0.5, -1), ("more than", 1.0, 1), ("less than", 1.2, 0)):
        ratio = fact("hazard_ratio", of="drug", over="placebo", value=value, decimals=1, bound=bound)
        assert constraint_of(p, [ratio], ARMS).direction == sign

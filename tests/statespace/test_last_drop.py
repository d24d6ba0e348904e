"""Curves that fall at their last printed time: who fails there is kept, on whichever side of the drop it was read."""

from collections.abc import Callable

import numpy as np
import pytest

from survrecon.errors import ReconstructionError
from survrecon.model.consistency import events_range
from survrecon.model.curve import AtRiskConvention, RiskTable, SurvivalCurve
from survrecon.model.ipd import PseudoIPD
from survrecon.model.repair import estimate_resolution, repair_curve
from survrecon.reconstruction.reconstruct import Method, reconstruct
from tests.statespace.figures import WIDTH, corners, trace

END, N = 24.0, 60
PIXEL = END / WIDTH
Reader = Callable[[PseudoIPD], SurvivalCurve]


def falls_at_the_end(together: int, seed: int = 0) -> PseudoIPD:
    """Patients of whom ``together`` fail at 24 months and nobody stays; half a month before that nobody leaves."""
    rng = np.random.default_rng(seed)
    before = np.round(rng.uniform(0.3, END - 0.5, N - together), 2)
    return PseudoIPD(
        time=np.append(before, np.full(together, END)),
        event=np.append(rng.random(before.size) < 0.7, np.ones(together, dtype=bool)),
    )


def printed(arm: PseudoIPD, last: float, count: int) -> RiskTable:
    at = np.array([0.0, 6, 12, 18])
    return RiskTable(time=np.append(at, last), at_risk=np.append(arm.at_risk(at), count))


def steps(arm: PseudoIPD) -> SurvivalCurve:
    """Return the lower corners, to four decimals."""
    times, survival = arm.kaplan_meier()
    return SurvivalCurve(time=np.append(0.0, times), survival=np.append(1.0, np.round(survival, 4)))


def columns_to_zero(arm: PseudoIPD) -> SurvivalCurve:
    """Return a trace by columns whose last one shows the fall to 0."""
    seen = trace(arm, 1, bias=0.0)
    return SurvivalCurve(time=np.append(seen.time, END + PIXEL / 2), survival=np.append(seen.survival, 0.0))


@pytest.mark.parametrize("off", [-PIXEL, 0.0, PIXEL])
@pytest.mark.parametrize("read", [corners, steps, columns_to_zero])
@pytest.mark.parametrize("together", [2, 15])
def test_all_who_are_counted_fail_with_the_curve(together: int, read: Reader, off: float) -> None:
    """A pixel between drop and printed time turned 22 events into one event and 21 censored."""
    arm = falls_at_the_end(together)
    result = reconstruct(read(arm), n=N, risk_table=printed(arm, END + off, together))
    assert int(result.ipd.event[result.ipd.time > END - 0.3].sum()) == together
    assert not any("not met" in warning for warning in result.warnings)
    if off:
        assert any("printed time moved" in repair.what for repair in result.repairs)


@pytest.mark.parametrize("method", list(Method))
def test_no_method_loses_them(method: Method) -> None:
    arm = falls_at_the_end(15)
    result = reconstruct(steps(arm), n=N, risk_table=printed(arm, END + PIXEL, 15), method=method)
    assert int(result.ipd.event[result.ipd.time > END - 0.3].sum()) == 15


@pytest.mark.parametrize("off", [-PIXEL, 0.0, PIXEL])
@pytest.mark.parametrize("read", [corners, columns_to_zero])
def test_a_printed_0_at_the_last_drop_takes_no_event_away(read: Reader, off: float) -> None:
    """The total was refused, or met by turning events, because nobody was left to fail."""
    arm = falls_at_the_end(6)
    result = reconstruct(read(arm), n=N, risk_table=printed(arm, END + off, 0), events=arm.events)
    assert result.ipd.events == arm.events
    assert int(result.ipd.event[result.ipd.time > END - 0.3].sum()) == 6
    assert not any("conflict" in warning for warning in result.warnings)


def test_a_number_counted_after_events_stays_where_it_is_possible() -> None:
    """Under ``after`` nobody is left at a fall to 0, and a 0 printed there is right."""
    arm = falls_at_the_end(2)
    at = np.array([0.0, 12, 24])
    table = RiskTable(time=at, at_risk=arm.at_risk(at, AtRiskConvention.AFTER), convention=AtRiskConvention.AFTER)
    result = reconstruct(corners(arm), n=N, risk_table=table)
    assert not any("printed time" in repair.what for repair in result.repairs)
    assert not any("not met" in warning for warning in result.warnings)


def test_two_who_die_with_a_traced_curve_are_among_the_draws() -> None:
    """A curve that ends at 0 gave the last patient alone to fail in every draw."""
    arm = falls_at_the_end(2)
    result = reconstruct(columns_to_zero(arm), n=N, risk_table=printed(arm, 21.0, int(arm.at_risk(21.0))))
    ends = [int(draw.event[draw.time > END - 0.3].sum()) for draw in result.draws(60)]
    assert 0.05 < np.mean([count >= 2 for count in ends]) < 0.95


@pytest.mark.parametrize("off", [-PIXEL, PIXEL])
def test_events_hidden_by_the_last_column_meet_the_total(off: float) -> None:
    """A drop at the end of a trace has no width: fifteen events that no column shows were refused."""
    arm = falls_at_the_end(15)
    result = reconstruct(trace(arm, 1, bias=0.0), n=N, risk_table=printed(arm, END + off, 15), events=arm.events)
    assert result.ipd.events == arm.events
    assert int(result.ipd.event[result.ipd.time > END - 0.3].sum()) >= 14
    assert any("not in the points" in warning for warning in result.warnings)


def test_a_few_hidden_events_need_no_last_number() -> None:
    """Patients seen in whole weeks die together at the end of the last one: two more than the range were refused."""
    rng = np.random.default_rng(3)
    died = np.ceil(rng.exponential(150, 200))
    arm = PseudoIPD(time=np.minimum(died, 52), event=died <= 52)
    seen = trace(arm, 3, bias=-0.3)
    curve, _ = repair_curve(seen)
    _, high = events_range(curve, 200, widen=3)
    assert reconstruct(seen, n=200, events=high + 2).ipd.events == high + 2
    with pytest.raises(ReconstructionError, match="total events"):
        reconstruct(seen, n=200, events=high + 25)


def test_a_total_far_above_the_curve_is_refused_all_the_same() -> None:
    arm = falls_at_the_end(15)
    seen = trace(arm, 1, bias=0.0)
    assert estimate_resolution(seen).time > 0
    with pytest.raises(ReconstructionError, match="total events"):
        reconstruct(seen, n=N, risk_table=printed(arm, 18.0 + 1e-9, int(arm.at_risk(18.0))), events=N)

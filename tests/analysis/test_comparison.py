"""Arms from whatever holds them, compared and pooled; what has no answer says so."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceError

from survrecon.analysis.comparison import compare_arms, contrast_draws, summarize_arm
from survrecon.analysis.cox import central_fit
from survrecon.errors import AnalysisError
from survrecon.model.estimate import Status
from survrecon.model.ipd import PseudoIPD, Reconstruction, nearest_to_middle
from tests.analysis.patients import patients

CONTROL = patients(time=[1, 3, 5, 6, 8, 9], event=[1, 1, 0, 1, 1, 0], arm="placebo")
DRUG = patients(time=[2, 4, 7, 9, 10, 11], event=[1, 0, 1, 0, 1, 0], arm="drug")


def draws_of(data: PseudoIPD, k: int) -> list[PseudoIPD]:
    """The same patients a little later each time."""
    return [patients(time=data.time * (1 + i / 50), event=data.event, arm=data.arm) for i in range(k)]


def sampling(data: PseudoIPD) -> Reconstruction:
    return Reconstruction(ipd=data, method="test", drawer=lambda k: draws_of(data, k))


def test_everything_of_two_arms() -> None:
    found = compare_arms(control=CONTROL, treatment=DRUG, milestones=[4], tau=8)
    assert (found.of, found.over, found.time_unit) == ("drug", "placebo", "months")
    assert [arm.name for arm in found.arms] == ["placebo", "drug"]
    assert found.hazard_ratio.value == pytest.approx(found.central_hazard_ratio.value, abs=1e-6)
    assert found.hazard_ratio.reconstruction_se is None
    assert found.rmst_difference.tau == 8
    assert found.rmst_difference.at_risk == {"placebo": 2, "drug": 3}
    assert found.proportional_hazards is not None
    assert 0 < found.proportional_hazards.p < 1
    z = found.logrank.z.value
    assert z is not None
    assert found.logrank.p == pytest.approx(math.erfc(abs(z) / math.sqrt(2)))
    assert [m.at for m in found.arms[1].milestones] == [4]
    assert found.arms[0].events.value == 4
    assert found.arms[0].median_reached == 1.0
    assert found.notes == ()


def test_draws_are_pooled_by_rubins_rules() -> None:
    """Mean of ln HR; within, mean of se^2; between, (1 + 1/5) times the variance of the five."""
    found = compare_arms(control=sampling(CONTROL), treatment=sampling(DRUG), draws=5)
    q, u = found.log_hazard_ratios, found.standard_errors
    assert q.shape == u.shape == found.z.shape == (5,)
    assert found.hazard_ratio.value == pytest.approx(math.exp(q.mean()))
    assert found.hazard_ratio.sampling_se == pytest.approx(math.sqrt((u**2).mean()))
    assert found.hazard_ratio.reconstruction_se == pytest.approx(math.sqrt(1.2 * q.var(ddof=1)))
    assert found.arms[0].central is CONTROL
    assert len(found.arms[0].draws) == 5
    assert found.arms[0].events.interval is not None
    assert found.rmst_difference.tau == pytest.approx(6)  # three of six at risk, in the draw that moves no time
    assert found.rmst_difference.rule.startswith("the last time with half")


def test_an_arm_without_draws_goes_with_every_draw_of_the_other() -> None:
    found = compare_arms(control=CONTROL, treatment=draws_of(DRUG, 4))
    assert found.log_hazard_ratios.shape == (4,)
    assert found.rmst_difference.difference.reconstruction_se is not None
    assert len(found.arms[0].draws) == 1


def test_data_frames() -> None:
    by_name = compare_arms(
        control=CONTROL.to_frame().assign(arm="placebo"), treatment=DRUG.to_frame().assign(arm="drug")
    )
    unnamed = compare_arms(control=CONTROL.to_frame(), treatment=DRUG.to_frame())
    assert (by_name.of, by_name.over) == ("drug", "placebo")
    assert (unnamed.of, unnamed.over) == ("treatment", "control")
    assert unnamed.hazard_ratio.value == by_name.hazard_ratio.value


@pytest.mark.parametrize(
    ("control", "rule"),
    [
        (7, "a reconstruction, rebuilt patients, a data frame, or draws of one arm; got a int"),
        ([], "got nothing"),
        ([1, 2], "got a list"),
        (pd.DataFrame({"time": [1, 2], "event": [1, 0], "arm": ["a", "b"]}), "the patients of one arm; got a, b"),
        (pd.DataFrame({"time": [1, 2]}), "columns time and event"),
        (DRUG, "arms have different names; got drug twice"),
        (patients(time=[1], event=[1], arm="x", time_unit="days"), "one time unit; got days and months"),
        (draws_of(CONTROL, 3), "3 of the control and 2 of the treatment"),
    ],
    ids=["number", "empty", "numbers", "two arms", "columns", "same name", "units", "draws"],
)
def test_arms_that_cannot_be_compared(control: Any, rule: str) -> None:
    with pytest.raises(AnalysisError, match=rule):
        compare_arms(control=control, treatment=draws_of(DRUG, 2))


def test_no_draws_asked_for() -> None:
    assert summarize_arm(sampling(DRUG), draws=0).draws == (DRUG,)


def test_one_arm_without_events() -> None:
    """No hazard ratio, but a log-rank test, medians and means."""
    quiet = patients(time=[5, 6, 7, 8, 9, 10], event=[0] * 6, arm="drug")
    found = compare_arms(control=CONTROL, treatment=quiet)
    assert found.hazard_ratio.status is Status.NOT_ESTIMABLE
    assert found.central_hazard_ratio.status is Status.NOT_ESTIMABLE
    assert found.proportional_hazards is None
    assert (found.logrank.z.value or 0) < 0
    assert found.arms[1].median.status is Status.NOT_REACHED
    assert found.arms[1].median_reached == 0
    assert len(found.notes) == 1
    assert found.notes[0].startswith("1 of 1 data sets have no finite hazard ratio")


def test_no_event_at_all() -> None:
    quiet = [patients(time=[5, 6, 7], event=[0] * 3, arm=name) for name in ("placebo", "drug")]
    found = compare_arms(control=quiet[0], treatment=quiet[1])
    assert found.logrank.z.status is Status.NOT_ESTIMABLE
    assert found.logrank.p == 1
    assert found.rmst_difference.difference.value == 0


def test_draws_without_a_hazard_ratio_are_left_out_and_told() -> None:
    quiet = patients(time=DRUG.time, event=[0] * 6, arm="drug")
    found = compare_arms(control=CONTROL, treatment=[DRUG, DRUG, quiet])
    assert found.hazard_ratio.value == pytest.approx(found.central_hazard_ratio.value, abs=1e-6)
    assert np.isnan(found.log_hazard_ratios).tolist() == [False, False, True]
    assert found.notes[0].startswith("1 of 3 data sets")


def test_tau_beyond_the_data() -> None:
    with pytest.raises(AnalysisError, match="at most 9, where an arm's data end; got 12"):
        compare_arms(control=CONTROL, treatment=DRUG, tau=12)


def test_the_draw_to_show_is_the_one_in_the_middle() -> None:
    draws = draws_of(DRUG, 5)
    assert nearest_to_middle(draws) == 2
    assert nearest_to_middle(draws[:1]) == 0


def test_central_fit_names_its_arms() -> None:
    ratio, _ = central_fit(CONTROL, DRUG)
    assert (ratio.of, ratio.over) == ("drug", "placebo")
    assert ratio.reconstruction_se is None


def test_a_fit_that_does_not_converge_is_an_error_of_the_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ConvergenceError("Convergence halted due to matrix inversion problems.\nSee a page.", ValueError())

    monkeypatch.setattr("lifelines.CoxPHFitter.fit", fails)
    said = r"of drug over placebo: arms of .* does not converge: Convergence halted"
    with pytest.raises(AnalysisError, match=said) as told:
        central_fit(CONTROL, DRUG)
    assert "hardly overlap" in str(told.value)


def test_a_fit_that_goes_too_far_at_first_begins_again_near_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second attempt begins at ln HR times the spread of the column, as lifelines scales it."""
    whole, tried = CoxPHFitter.fit, []
    expected, _ = central_fit(CONTROL, DRUG)

    def fails_once(fitter: CoxPHFitter, *given: object, initial_point: object = None, **how: object) -> object:
        tried.append(initial_point)
        if initial_point is None:
            raise ConvergenceError("Convergence halted due to matrix inversion problems.", ValueError())
        return whole(fitter, *given, initial_point=initial_point, **how)

    monkeypatch.setattr("lifelines.CoxPHFitter.fit", fails_once)
    found, _ = central_fit(CONTROL, DRUG)
    assert found.value == pytest.approx(expected.value, rel=1e-5)
    assert [point is None for point in tried] == [True, False]


def test_light_path_gives_the_same_arrays() -> None:
    found = compare_arms(control=draws_of(CONTROL, 3), treatment=draws_of(DRUG, 3))
    light = contrast_draws(draws_of(CONTROL, 3), draws_of(DRUG, 3))
    assert light.log_hr.tolist() == found.log_hazard_ratios.tolist()
    assert light.z.tolist() == found.z.tolist()


def test_lifelines_and_pandas_wait_until_they_are_needed() -> None:
    code = "import sys, survrecon.checks.agreement; print({'lifelines', 'pandas', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"

"""lifelines on the central data sets: Cox's model and the Grambsch-Therneau test."""

from __future__ import annotations

from typing import Any

from survrecon.analysis.cox import CoxStatus, contrast
from survrecon.analysis.results import ProportionalHazards
from survrecon.estimate import Estimate, Scale, Status, pooled_estimate
from survrecon.ipd import PseudoIPD
from survrecon.ties import tied

__all__ = ["central_fit"]


def central_fit(control: PseudoIPD, treatment: PseudoIPD) -> tuple[Estimate, ProportionalHazards | None]:
    """Return lifelines' hazard ratio of the treatment over the control, and its test of proportionality.

    Parameters
    ----------
    control, treatment : PseudoIPD
        One data set each.

    Returns
    -------
    hazard_ratio : Estimate
        Efron ties; "not estimable" where no finite hazard ratio fits best.
    proportional_hazards : ProportionalHazards or None
        On Kaplan-Meier transformed time; ``None`` where there is no hazard ratio.

    References
    ----------
    Grambsch and Therneau, Proportional hazards tests and diagnostics based on weighted residuals,
    Biometrika 81 (1994) 515-526.

    Examples
    --------
    >>> a = PseudoIPD(time=[1, 3, 5, 6, 8, 9], event=[1, 1, 0, 1, 1, 0], arm="placebo")
    >>> b = PseudoIPD(time=[2, 4, 7, 9, 10, 11], event=[1, 0, 1, 0, 1, 0], arm="drug")
    >>> ratio, test = central_fit(a, b)
    >>> ratio.of, ratio.over, ratio.format(2)
    ('drug', 'placebo', '0.38 (0.07 to 2.11)')
    """
    of, over = treatment.arm, control.arm
    if contrast(control, treatment).status is not CoxStatus.CONVERGED:
        return Estimate(value=None, status=Status.NOT_ESTIMABLE, scale=Scale.LOG, of=of, over=over), None
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.statistics import proportional_hazard_test

    times = tied(control.time, treatment.time)
    arms = zip((control, treatment), times, (0, 1), strict=True)
    frame = pd.concat([ipd.to_frame().assign(time=time, treated=treated) for ipd, time, treated in arms])
    frame = frame.reset_index(drop=True)
    fitter: Any = CoxPHFitter()
    fitter.fit(frame, duration_col="time", event_col="event")
    log_hr, se = float(fitter.params_["treated"]), float(fitter.standard_errors_["treated"])
    test: Any = proportional_hazard_test(fitter, frame, time_transform="km").summary.loc["treated"]
    proportional = ProportionalHazards(statistic=float(test["test_statistic"]), p=float(test["p"]))
    return pooled_estimate([log_hr], [se], scale=Scale.LOG, of=of, over=over), proportional

"""The true patients behind the figures: lifelines' data sets, and simulated trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from survrecon.model.ipd import PseudoIPD
from survrecon.model.settings import DAYS_IN

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "TrueCox",
    "cut_at",
    "gbsg2",
    "kidney",
    "larynx",
    "leukemia",
    "lung",
    "rossi",
    "simulated",
    "true_cox",
    "waltons",
]

Patients = dict[str, PseudoIPD]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrueCox:
    """lifelines' Cox model of the true patients: hazard ratio, its 95% limits, p (Wald) and log-rank p."""

    ratio: float
    low: float
    high: float
    logrank_p: float


def gbsg2() -> Patients:
    """Recurrence-free survival in breast cancer, with and without hormonal therapy, in months."""
    from lifelines.datasets import load_gbsg2

    frame = load_gbsg2()
    return _split(
        frame["time"] / DAYS_IN["months"], frame["cens"], frame["horTh"], {"no": "No hormones", "yes": "Hormones"}
    )


def lung() -> Patients:
    """Survival in advanced lung cancer by sex, in days."""
    from lifelines.datasets import load_lung

    frame = load_lung()
    return _split(frame["time"], frame["status"], frame["sex"], {1: "Male", 2: "Female"})


def larynx() -> Patients:
    """Survival in cancer of the larynx by stage, in years."""
    from lifelines.datasets import load_larynx

    frame = load_larynx()
    stage = 1 + frame["Stage_II"] + 2 * frame["Stage_III"] + 3 * frame["Stage_IV"]
    names = {1: "Stage I", 2: "Stage II", 3: "Stage III", 4: "Stage IV"}
    return _split(frame["time"], frame["death"], stage, names)


def waltons() -> Patients:
    """Survival of flies with and without a virus, in days."""
    from lifelines.datasets import load_waltons

    frame = load_waltons()
    return _split(frame["T"], frame["E"], frame["group"], {"control": "Control", "miR-137": "miR-137"})


def rossi() -> Patients:
    """Time to arrest after release from prison, with and without financial aid, in weeks; ties every week."""
    from lifelines.datasets import load_rossi

    frame = load_rossi()
    return _split(frame["week"], frame["arrest"], frame["fin"], {0: "No aid", 1: "Financial aid"})


def leukemia() -> Patients:
    """Remission of leukemia under placebo and 6-MP, in weeks."""
    from lifelines.datasets import load_leukemia

    frame = load_leukemia()
    return _split(frame["t"], frame["status"], frame["Rx"], {1: "Placebo", 0: "6-MP"})


def kidney() -> Patients:
    """Survival after kidney transplantation, patients to 50 years of age and older, in years."""
    from lifelines.datasets import load_kidney_transplant

    frame = load_kidney_transplant()
    return _split(
        frame["time"] / DAYS_IN["years"], frame["death"], frame["age"] > 50, {False: "Younger", True: "Older"}
    )


def simulated(
    seed: int, medians: dict[str, float], n: int, *, end: float = 36.0, shape: float = 1.0, entry: float = 0.5
) -> Patients:
    """Weibull event times, staggered entry over a share ``entry`` of the time, a few lost to follow-up."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, median in medians.items():
        time = median / np.log(2) ** (1 / shape) * rng.weibull(shape, n)
        limit = np.minimum(end * (1 - entry * rng.random(n)), rng.exponential(8 * end, n))
        found[name] = PseudoIPD(time=np.minimum(time, limit), event=time <= limit, arm=name)
    return found


def cut_at(patients: Patients, end: float) -> Patients:
    """Return the patients as a figure that ends at ``end`` shows them: who is still there is censored."""
    return {
        name: PseudoIPD(time=np.minimum(ipd.time, end), event=ipd.event & (ipd.time <= end), arm=name)
        for name, ipd in patients.items()
    }


def true_cox(control: PseudoIPD, treatment: PseudoIPD) -> TrueCox:
    """Fit lifelines' Cox model and log-rank test, treatment over control."""
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.statistics import logrank_test

    frame = pd.concat([control.to_frame().assign(arm=0), treatment.to_frame().assign(arm=1)])
    row = CoxPHFitter().fit(frame, "time", "event").summary.loc["arm"]
    test = logrank_test(control.time, treatment.time, control.event, treatment.event)
    return TrueCox(
        ratio=float(row["exp(coef)"]),
        low=float(row["exp(coef) lower 95%"]),
        high=float(row["exp(coef) upper 95%"]),
        logrank_p=float(test.p_value),
    )


def _split(time: npt.ArrayLike, event: npt.ArrayLike, code: npt.ArrayLike, names: Mapping[Any, str]) -> Patients:
    times, events, codes = np.asarray(time, float), np.asarray(event) > 0, np.asarray(code)
    return {
        name: PseudoIPD(time=times[codes == value], event=events[codes == value], arm=name)
        for value, name in names.items()
    }

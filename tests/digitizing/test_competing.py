"""What says that curves are cumulative incidences of competing events, and what does not."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.digitizing.panels.competing import estimator_of, few_events, refuse_hazard
from survrecon.digitizing.result import Dash, DigitizedArm, DigitizedRiskTable, Doubt, NameSource, PrintedStatistic
from survrecon.errors import DigitizingError
from survrecon.model.convention import Estimator


def estimator(
    *texts: str, names: tuple[str, ...] = ("A", "B"), rows: int | None = 2, stated: bool | None = None,
    rising: bool = True,
) -> Estimator:  # fmt: skip
    return estimator_of(texts, names, rising=rising, rows=rows, stated=stated).estimator


@pytest.mark.parametrize(
    "text",
    ["with death as a competing event", "Gray's test p = 0.03", "Fine-Gray sHR 0.8", "Fine and Gray", "Aalen–Johansen",
     "subdistribution hazard"],
)  # fmt: skip
def test_a_word_of_the_panel_says_competing_events(text: str) -> None:
    assert estimator("Cumulative incidence", text) is Estimator.COMPETING
    assert estimator(text, stated=True) is Estimator.KAPLAN_MEIER
    assert estimator(text, rising=False) is Estimator.KAPLAN_MEIER


def test_without_such_a_word_rising_curves_are_taken_for_kaplan_meier() -> None:
    read = estimator_of(["Patients with event (%)", "gray line"], ["A", "B"], rising=True, rows=2, stated=None)
    assert read.estimator is Estimator.ASSUMED
    assert "Kaplan-Meier assumed" in read.remarks[0]


@pytest.mark.parametrize(
    ("names", "rows", "found"),
    [
        (
            ("Control, relapse", "Control, death without relapse", "Drug, relapse", "Drug, death without relapse"),
            2,
            True,
        ),
        (("Relapse: old", "Death: old", "Relapse: new", "Death: new"), None, True),
        (("Old - first", "Old - second", "New - first", "New - second"), 2, True),
        (("Relapse", "Non-relapse mortality"), 1, True),
        (("LVEF <40% / Placebo", "LVEF <40% / Drug", "LVEF >40% / Placebo", "LVEF >40% / Drug"), 4, False),
        (("Drug", "Placebo"), 2, False),
        (("Drug",), 1, False),
    ],
)
def test_several_causes_in_one_panel(names: tuple[str, ...], rows: int | None, found: bool) -> None:
    assert (estimator(names=names, rows=rows) is Estimator.CAUSES) is found


def test_a_cumulative_hazard_is_refused_by_name() -> None:
    with pytest.raises(DigitizingError, match="a cumulative hazard H"):
        refuse_hazard("f.png", "Cumulative hazard of death")
    refuse_hazard("f.png", "Overall survival")
    refuse_hazard("f.png", None)


def doubt(printed: float) -> list[Doubt]:
    time = np.linspace(0.0, 10.0, 11)
    arm = DigitizedArm(
        name="A", name_source=NameSource.LEGEND, colour="#000000", dash=Dash.SOLID, line_width=1.0, time=time,
        survival=1 - 0.04 * time, censor_times=None, n=100, n_source=None,
    )  # fmt: skip
    counts = tuple(round(100 * (1 - 0.04 * t)) for t in time)
    table = DigitizedRiskTable(times=time, rows={"A": counts}, confidence={"A": tuple(1.0 for _ in counts)})
    events = PrintedStatistic(quantity="events", value=printed, arm="A", text="")
    return few_events([arm], table, [events])


def test_too_few_events_in_every_arm_ask_for_competing_events() -> None:
    assert doubt(40) == []  # 40 events explain the curve
    [found] = doubt(48)
    assert found.why == "cumulative incidence with competing events?"
    assert found.field == "curve"
    assert doubt(90) == []  # a misread number

"""Which records may be joined, and when two printed facts cannot be of the same patients."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.checks.cutoffs import overlapping_pairs, why_not_joined
from survrecon.reconstruction.summary.inputs import PrintedMedian, SummaryArm, SurvivalPoint
from survrecon.records.folder import catalogue_folder, read_document
from survrecon.records.schema import RecordDocument
from tests.summary.test_joint import cutoffs


def document(name: str) -> RecordDocument:
    return read_document(catalogue_folder() / name)


@pytest.mark.parametrize("endpoint", ["pfs", "os"])
def test_the_two_cutoffs_of_one_paper_are_joined(endpoint: str) -> None:
    records = (document(f"ifm-2005-02_{endpoint}_{cutoff}") for cutoff in ("2010-07", "2011-10"))
    assert why_not_joined(*records) == ()


@pytest.mark.parametrize(
    ("earlier", "later", "says"),
    [
        ("ifm-2005-02_pfs_2010-07", "ifm-2005-02_efs_2011-10", "endpoint: progression-free survival, event-free"),
        ("ifm-2005-02_pfs_2010-07", "ifm-2005-02_pfs_2010-07", "cut-off: the same"),
        ("mm010_ttp_2005-08", "mm010_ttp_2008-03", "assessor: not stated"),
        ("mm010_os_2005-08", "mm010_os_2008-03", "no survival probability or median is printed at the earlier"),
        ("mm009-mm010_os_2007-01", "mm009-mm010_os_2008-07", "population: not stated"),
        ("mm009_os_2007-paper", "mm009_os_registry", "time unit: months, weeks"),
    ],
)
def test_what_keeps_two_records_apart(earlier: str, later: str, says: str) -> None:
    assert any(reason.startswith(says) for reason in why_not_joined(document(earlier), document(later)))


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("assessor", "investigators", "assessor: independent review committee"),
        ("event_definition", "progression", "definition: first documented"),
        ("population", "as treated", "population: intention to treat, as treated"),
        ("time_origin", None, "time origin: randomisation, not stated"),
        ("subgroup", "CR or VGPR", "subgroup: not stated, CR or VGPR"),
    ],
)
def test_one_word_that_differs_refuses(key: str, value: str | None, says: str) -> None:
    earlier, later = document("ifm-2005-02_pfs_2010-07"), document("ifm-2005-02_pfs_2011-10")
    analysis = later.analysis.model_copy(update={key: value})
    [reason] = why_not_joined(earlier, later.model_copy(update={"analysis": analysis}))
    assert reason.startswith(says)


def printed(survival: float, median: float | None = None, at_least: int = 0) -> SummaryArm:
    return SummaryArm(
        name="a",
        n=300,
        points=(SurvivalPoint(time=30, survival=survival, rounding=0.005),),
        median=None if median is None else PrintedMedian(time=median, rounding=0.5),
        events_at_least=at_least,
    )


def z_of(earlier: SummaryArm, later: SummaryArm) -> dict[str, float]:
    found = overlapping_pairs(cutoffs(later, earlier=(earlier,)), np.random.default_rng(0))
    return {pair.label.split(",")[0]: pair.z for pair in found}


def test_facts_that_both_print_are_tested() -> None:
    same = z_of(printed(0.40, 24, 150), printed(0.40, 24, 160))
    assert same == {"events": 0, "survival at 30": 0, "median": 0}
    near, far = z_of(printed(0.40), printed(0.41)), z_of(printed(0.40, 24), printed(0.46, 29))
    assert 0 < near["survival at 30"] < 2
    assert min(far["survival at 30"], far["median"]) > 2


def test_a_count_that_falls_refuses() -> None:
    assert z_of(printed(0.40, at_least=150), printed(0.40, at_least=149))["events"] == -np.inf


def test_nothing_in_common_is_nothing_tested() -> None:
    later = SummaryArm(name="a", n=300, points=(SurvivalPoint(time=48, survival=0.3, rounding=0.005),))
    assert z_of(printed(0.40, 24), later) == {}

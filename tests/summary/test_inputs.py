"""What a summary arm is built from: printed numbers, not bounds; intervals with their level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survrecon.reconstruction.summary.inputs import PrintedMedian, summary_arm
from survrecon.running.summary import landmark_ratios
from tests.by_hand.facts import fact
from tests.report.made_up import document_of

if TYPE_CHECKING:
    from survrecon.model.published import PublishedFact
    from survrecon.records.schema import RecordDocument


def document_with(*facts: PublishedFact) -> RecordDocument:
    return document_of("summary", "placebo", "drug").model_copy(update={"published": facts})


def test_a_bound_builds_nothing() -> None:
    """Survival printed as "> 0.90" was built as 0.90, and a median printed as "> 60" as 60."""
    document = document_with(
        fact("survival", 0.9, arm="drug", at=6, bound="more than"),
        fact("survival", 0.62, arm="drug", at=12),
        fact("median", 60, 0, arm="drug", bound="more than"),
        fact("events_at_least", 5, 0, arm="drug"),
    )
    arm = summary_arm(document, document.treatments[0])
    assert [point.time for point in arm.points] == [12]
    assert (arm.median, arm.events_at_least) == (None, 5)
    assert arm.bounds == ("survival at 6, drug, >0.90", "median, drug, >60")


def test_a_bound_has_no_landmark_ratio() -> None:
    document = document_with(
        fact("survival", 0.9, arm="drug", at=6, bound="more than"),
        fact("survival", 0.8, arm="placebo", at=6),
        fact("survival", 0.6, arm="drug", at=12),
        fact("survival", 0.5, arm="placebo", at=12),
    )
    assert [ratio.at for ratio in landmark_ratios(document)] == [12]


def test_the_level_of_a_median_goes_along() -> None:
    printed = fact("median", 18.0, 1, arm="drug", interval={"low": 12.0, "high": 24.0, "level": 0.9})
    document = document_with(printed)
    assert summary_arm(document, document.treatments[0]).median == PrintedMedian(
        time=18, rounding=0.05, low=12, high=24, level=0.9
    )

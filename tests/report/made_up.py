"""The parts of a small re-analysed record, put together by hand: every number below is made up."""

from __future__ import annotations

from typing import Any

import numpy as np

from survrecon.analysis.results import ArmSummary, Comparison, LogRank, Milestone, ProportionalHazards, RmstDifference
from survrecon.checks.results import Agreement, Verdict
from survrecon.model.curve import Repair
from survrecon.model.diagnostics import SummaryDiagnostics
from survrecon.model.estimate import Estimate, Interval, Scale
from survrecon.model.ipd import PseudoIPD, Reconstruction
from survrecon.records.schema import RecordDocument

__all__ = ["CITATION", "checks_of", "comparison_of", "document_of", "patients_of", "reconstruction_of", "summary_of"]

CITATION = "Doe et al. Journal of Examples 2020;1:1-9"


def document_of(kind: str, control: str, treatment: str) -> RecordDocument:
    printed = {"source": "DOE", "decimals": 2}
    return RecordDocument.model_validate(
        {
            "format": 1,
            "digitized": {
                "kind": kind,
                "citation": CITATION,
                "doi": "10.1000/example.1",
                "nct": "NCT00000001",
                "figure": "Fig. 1",
                "what": "both arms",
                "how": "typed from the text",
            },
            "analysis": {
                "trial": "EXAMPLE",
                "endpoint": "progression-free survival",
                "event_definition": "progression or death",
                "data_cutoff": "2020-01",
                "population": "intention to treat",
            },
            "axes": {"time_unit": "months"},
            "arms": [
                {"name": control, "role": "control", "n": 60, "place": "Table 1", "source": "DOE"},
                {"name": treatment, "role": "treatment", "n": 60, "events": 20, "place": "Table 1", "source": "DOE"},
            ],
            "follow_up": {"recruitment_start": "2016-01", "recruitment_end": "2018-01", "data_cutoff": "2020-01"},
            "published": [
                printed
                | {
                    "quantity": "hazard_ratio",
                    "of": treatment,
                    "over": control,
                    "value": 0.55,
                    "interval": [0.33, 0.92],
                    "model": "stratified",
                    "model_by": ["age"],
                    "place": "p. 3",
                },
                printed
                | {
                    "quantity": "logrank_p",
                    "value": 0.001,
                    "decimals": 3,
                    "bound": "less than",
                    "model": "not stated",
                    "place": "p. 3",
                },
                printed | {"quantity": "survival", "arm": control, "at": 24, "value": 0.40, "place": "abstract"},
                printed | {"quantity": "survival", "arm": treatment, "at": 24, "value": 0.62, "place": "abstract"},
                printed
                | {
                    "quantity": "median",
                    "arm": treatment,
                    "value": "not reached",
                    "decimals": 0,
                    "place": "p. 4",
                },
                printed | {"quantity": "median", "arm": control, "value": 18, "decimals": 0, "place": "p. 4"},
                printed
                | {"quantity": "context", "name": "deaths in both arms", "value": 33, "decimals": 0, "place": "p. 5"},
            ],
            "explained": [
                {
                    "quantity": "median",
                    "arm": control,
                    "because": "rounding",
                    "evidence": "the printed median is in whole months, the curve is flat there",
                }
            ],
            "references": {"DOE": {"citation": CITATION, "doi": "10.1000/example.1", "read": "full text"}},
        }
    )


def patients_of(rng: np.random.Generator, arm: str, scale: float) -> PseudoIPD:
    died, left = rng.exponential(scale, 60), rng.uniform(20, 46, 60)
    return PseudoIPD(time=np.minimum(died, left), event=died <= left, arm=arm)


def summary_of(name: str, draws: list[PseudoIPD], median: Estimate) -> ArmSummary:
    events = [draw.events for draw in draws]
    return ArmSummary(
        name=name,
        n=60,
        events=Estimate(
            value=float(np.mean(events)), interval=Interval(low=float(min(events)), high=float(max(events)))
        ),
        median=median,
        follow_up=Estimate(value=31.5, interval=Interval(low=29.0, high=33.0)),
        milestones=(Milestone(at=24.0, survival=Estimate(value=0.5, interval=Interval(low=0.4, high=0.6))),),
        draws=tuple(draws),
        central=draws[0],
    )


def comparison_of(arms: tuple[ArmSummary, ArmSummary]) -> Comparison:
    control, treatment = arms
    ratio = Estimate(
        value=0.57,
        interval=Interval(low=0.34, high=0.95),
        sampling_se=0.26,
        reconstruction_se=0.02,
        scale=Scale.LOG,
        of=treatment.name,
        over=control.name,
    )
    return Comparison(
        of=treatment.name,
        over=control.name,
        time_unit="months",
        arms=arms,
        hazard_ratio=ratio,
        logrank=LogRank(z=Estimate(value=-2.2, interval=Interval(low=-4.2, high=-0.2)), p=0.028),
        rmst_difference=RmstDifference(
            tau=24.0,
            difference=Estimate(value=3.1, interval=Interval(low=0.5, high=5.7), sampling_se=1.3),
            at_risk={control.name: 20, treatment.name: 31},
        ),
        proportional_hazards=ProportionalHazards(statistic=0.4, p=0.53),
        central_hazard_ratio=ratio,
        log_hazard_ratios=np.log([0.56, 0.57, 0.58]),
        standard_errors=np.array([0.26, 0.26, 0.26]),
        z=np.array([-2.1, -2.2, -2.3]),
    )


def checks_of(document: RecordDocument) -> tuple[Agreement, ...]:
    ratio, p, _, survival, open_median, median = document.published[:6]
    nothing: dict[str, Any] = {"difference": None, "interval": None, "margin": None}
    known: dict[str, Any] = {"interval": Interval(low=-0.01, high=0.08), "margin": 0.07}
    return (
        Agreement(
            quantity="hazard_ratio",
            label=ratio.label,
            fact=ratio,
            published=0.55,
            obtained=0.57,
            difference=float(np.log(0.57 / 0.55)),
            verdict=Verdict.INCONCLUSIVE,
            note="stratified by age",
            **known,
        ),
        Agreement(
            quantity="logrank_z",
            label="log-rank z",
            fact=p,
            published=None,
            obtained=-2.2,
            verdict=Verdict.DIFFERS,
            **nothing,
        ),
        Agreement(
            quantity=survival.quantity,
            label=survival.label,
            fact=survival,
            published=0.62,
            obtained=0.62,
            verdict=Verdict.USED_AS_INPUT,
            **nothing,
        ),
        Agreement(
            quantity=open_median.quantity,
            label=open_median.label,
            fact=open_median,
            published=None,
            obtained=None,
            verdict=Verdict.AGREES,
            note="not reached in both",
            **nothing,
        ),
        Agreement(
            quantity=median.quantity,
            label=median.label,
            fact=median,
            published=18.0,
            obtained=20.0,
            difference=2.0,
            interval=Interval(low=1.5, high=2.5),
            margin=0.54,
            verdict=Verdict.DIFFERS,
            explanation=document.explanation(median),
        ),
    )


def reconstruction_of(summary: ArmSummary) -> Reconstruction:
    return Reconstruction(
        ipd=summary.central,
        method="summary",
        diagnostics=SummaryDiagnostics(
            largest_residual=float("nan"), draws=3, proposals_accepted=np.float64(0.25), accrual_shape="1.00"
        ),
        repairs=(Repair(what="small rise removed", where=f"{summary.name}, time 3", amount=0.004),),
        assumptions=("hazard constant between printed points",),
        warnings=("few patients after 24 months",),
        drawer=lambda k: list(summary.draws[:k]),
    )

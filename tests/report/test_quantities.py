"""What can be checked: the catalogue and the checklist read one list, which holds every kind that has a check."""

from __future__ import annotations

from survrecon.checks.agreement import ARM_CHECKS
from survrecon.checks.contrasts import CONTRAST_CHECKS
from survrecon.model.quantities import QUANTITIES, Quantity
from survrecon.report.catalogue import CHECKED, catalogue_to_dict, is_checked, not_printed
from tests.by_hand.facts import fact, ratio
from tests.report.made_up import document_of


def test_every_kind_that_has_a_check_is_listed() -> None:
    """Restricted means, added last, were in one of two lists."""
    assert {kind.key for kind in CHECKED} == {*ARM_CHECKS, *CONTRAST_CHECKS}
    assert {kind.key for kind in QUANTITIES} == set(Quantity)


def test_a_question_is_answered_by_any_fact_of_its_kind() -> None:
    missing, questions = not_printed([])
    assert len(missing) == questions
    facts = [ratio(0.5), fact("events_at_least", 5, 0, arm="drug"), fact("p_value", 0.03, model="unadjusted")]
    assert set(missing) - set(not_printed(facts)[0]) == {"hazard ratio", "totals of events"}


def test_a_p_of_no_named_test_is_not_checked() -> None:
    assert [is_checked(fact("p_value", 0.03, test=test, model="unadjusted")) for test in (None, "Wald", "Cox")] == [
        *(False, True, False),
    ]


def test_the_catalogue_counts_what_is_checked() -> None:
    document = document_of("traced", "placebo", "drug")
    more = [
        fact("restricted_mean", 9.0, 1, arm="drug", at=12, source="DOE"),
        fact("p_value", 0.03, model="not stated", source="DOE"),
        fact("p_value", 0.03, model="not stated", test="Wald", source="DOE"),
    ]
    (row,) = catalogue_to_dict({"x": document.model_copy(update={"published": (*document.published, *more)})})
    assert row["checks"].split(", ")[:3] == ["hazard ratio", "log-rank p", "Wald p"]
    assert row["checks"].endswith("restricted mean")

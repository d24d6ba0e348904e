"""The JSON contract: sorted, finite, and every missing value with its status."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from survrecon import __version__
from survrecon.checks.agreement import check_hazard_ratio, check_logrank
from survrecon.checks.results import Agreement
from survrecon.report.json import comparison_to_dict, dump_json, plain, result_to_dict
from tests.by_hand.facts import fact, ratio

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult
    from tests.report.conftest import MakeResult


@pytest.fixture
def report(result: RecordResult) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(dump_json(result_to_dict(result)))
    return loaded


def test_what_is_dumped_is_what_is_returned(result: RecordResult, report: dict[str, Any]) -> None:
    assert result_to_dict(result) == report


def test_keys_are_sorted_and_numbers_finite(result: RecordResult) -> None:
    text = dump_json(result_to_dict(result))
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    assert "NaN" not in text
    assert "Infinity" not in text


def test_arms(report: dict[str, Any]) -> None:
    control, treatment = report["arms"]
    assert (control["name"], control["n"]) == ("placebo", 60)
    assert isinstance(control["events"], float)
    assert control["median"]["value"] == 18.4
    assert treatment["median"]["value"] is None
    assert treatment["median"]["status"] == "not reached"
    assert (treatment["median"]["low"], treatment["median"]["high"]) == (25.0, None)


def test_contrasts_say_of_over(report: dict[str, Any]) -> None:
    (contrast,) = report["contrasts"]
    assert (contrast["of"], contrast["over"]) == ("drug", "placebo")
    ratio = contrast["hazard_ratio"]
    assert (ratio["value"], ratio["low"], ratio["high"], ratio["level"]) == (0.57, 0.34, 0.95, 0.95)
    assert (ratio["sampling_se"], ratio["reconstruction_se"]) == (0.26, 0.02)
    assert (contrast["logrank"]["z"], contrast["logrank"]["p"]) == (-2.2, 0.028)
    assert contrast["rmst_difference"]["tau_rule"] == "as asked for"
    assert contrast["rmst_difference"]["at_risk"] == {"placebo": 20, "drug": 31}


def test_checks(report: dict[str, Any]) -> None:
    ratio, p, _, open_median, median = report["checks"]
    assert (ratio["quantity"], ratio["published"], ratio["obtained"]) == ("hazard_ratio", 0.55, 0.57)
    assert (ratio["margin"], ratio["verdict"], ratio["note"]) == (0.07, "inconclusive", "stratified by age")
    assert (ratio["interval"]["low"], ratio["interval"]["high"]) == (-0.01, 0.08)
    assert p["published"] == {"less_than": 0.001}
    assert open_median["published"] is None
    assert open_median["fact"]["value"] is None
    assert open_median["fact"]["status"] == "not reached"
    assert median["explanation"]["because"] == "rounding"
    assert median["fact"]["place"] == "p. 4"


def test_what_is_needed_to_judge_and_to_repeat(report: dict[str, Any]) -> None:
    assert not {"record", "command"} & set(report)
    assert report["kind"] == "summary"
    assert report["provenance"]["nct"] == "NCT00000001"
    assert (report["seed"], report["draws"], report["version"]) == (1, 20, __version__)
    assert report["method"] == {"placebo": "summary", "drug": "summary"}
    assert report["assumptions"] == ["hazard constant between printed points"]
    assert report["repairs"][0] == {
        "arm": "placebo",
        "what": "small rise removed",
        "where": "placebo, time 3",
        "amount": 0.004,
    }
    assert report["warnings"][1]["arm"] == "drug"
    assert report["sensitivity"][0]["hazard_ratio"]["value"] == 0.57
    assert any("not read from a figure" in text for text in report["notice"])
    assert report["diagnostics"]["drug"] == {
        "largest_residual": None,
        "draws": 3,
        "proposals_accepted": 0.25,
        "accrual_shape": "1.00",
    }


def test_a_record_that_could_not_be_built_keeps_its_facts(make_result: MakeResult) -> None:
    report = result_to_dict(make_result(built=False))
    assert report["arms"] == []
    assert report["not_buildable"] == "placebo has no printed survival point"
    assert {check["verdict"] for check in report["checks"]} == {"not buildable"}
    assert report["checks"][0]["published"] == 0.55
    assert report["notice"] == []


def test_a_curve_read_from_a_figure_bears_no_watermark(make_result: MakeResult) -> None:
    assert len(result_to_dict(make_result("vector"))["notice"]) == 1


def test_analyze_gives_arms_and_contrasts_alone(result: RecordResult) -> None:
    report = comparison_to_dict(result.arms, result.comparisons)
    assert sorted(report) == ["arms", "contrasts", "version"]
    assert comparison_to_dict(result.arms[:1], [])["contrasts"] == []


def test_plain_leaves_nothing_that_json_lacks() -> None:
    assert plain([nan, inf, 1.5, True, {2: {"a"}}]) == [None, None, 1.5, True, {"2": ["a"]}]
    assert plain(1j) == "1j"


def published(result: RecordResult, check: Agreement) -> Any:
    return result_to_dict(replace(result, checks=(check,)))["checks"][0]


@pytest.mark.parametrize(
    ("bound", "turned", "printed"),
    [
        ("less than", False, {"less_than": 0.5}),
        ("more than", False, {"more_than": 0.5}),
        ("less than", True, {"more_than": 2.0}),
        ("more than", True, {"less_than": 2.0}),
    ],
)
def test_a_bound_is_given_as_it_was_compared(result: RecordResult, *, bound: str, turned: bool, printed: Any) -> None:
    of, over = ("placebo", "drug") if turned else ("drug", "placebo")
    told = ratio(0.5, 1, bound=bound, of=of, over=over, interval={"low": 0.0, "high": 0.8, "level": 0.9})
    (check,) = check_hazard_ratio(told, np.array([0.1]), np.array([0.2]), of="drug", over="placebo")
    found = published(result, check)
    assert (found["published"], found["turned"]) == (printed, turned)
    assert (found["fact"]["interval"], found["fact"]["level"]) == ([0.0, 0.8], 0.9)


def test_the_standard_error_of_a_bound_is_a_number(result: RecordResult) -> None:
    """It was given as ``{"less_than": 0.5}``, the bound of the ratio."""
    told = ratio(0.5, 1, bound="less than", interval=[0.3, 0.8])
    _, error = check_hazard_ratio(told, np.array([-1.0]), np.array([0.25]), of="drug", over="placebo")
    assert published(result, error)["published"] == pytest.approx(np.log(0.8 / 0.3) / (2 * 1.959964))


def test_a_p_above_a_bound(result: RecordResult) -> None:
    check = check_logrank(fact("logrank_p", 0.05, bound="more than", model="unadjusted"), np.array([-0.4]))
    assert published(result, check)["published"] == {"more_than": 0.05}

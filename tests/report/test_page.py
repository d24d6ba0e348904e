"""Figures and pages: self-contained, the same at every call, honest about summary curves."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from survrecon.agreement import Agreement, Verdict
from survrecon.curve import AtRiskConvention
from survrecon.errors import ReportError
from survrecon.estimate import Interval
from survrecon.followup import FollowUp
from survrecon.published import PublishedFact
from survrecon.report.drawn import band, convention_of, last_time, printed_points, printed_risk, tick_times
from survrecon.report.html import index_page, record_page
from survrecon.report.json_report import assumptions
from survrecon.report.origin import context_words, follow_up_pairs
from survrecon.report.plots import curves_figure, rendered_curves
from survrecon.report.rows import check_rows
from survrecon.report.strip import WIDTH, strip
from survrecon.report.words import WATERMARK
from survrecon.report.write import write_index, write_report
from survrecon.result import RecordResult
from tests.report.conftest import CITATION, MakeResult

VOID = {"meta", "br", "img", "link", "rect", "line", "circle"}


class Tags(HTMLParser):
    """Collects tags with their attributes, and checks that they close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def loads(page: str) -> list[str]:
    """Return what a browser would fetch; links that a reader follows are none of it."""
    tags = Tags(page).seen
    assert not any(tag in ("script", "iframe", "object", "embed", "link") for tag, _ in tags)
    fetched = [str(attrs[key]) for tag, attrs in tags for key in ("src", "srcset", "poster", "data") if attrs.get(key)]
    return [address for address in fetched if not address.startswith("data:")] + re.findall(r"url\(|@import", page)


@pytest.mark.parametrize("kind", ["summary", "traced", "vector", "manual"])
def test_a_page_loads_nothing(make_result: MakeResult, kind: str) -> None:
    result = make_result(kind)
    page = record_page(result, rendered_curves(result)[0])
    assert loads(page) == []
    for text in (
        "0.55 (0.33 to 0.92)",
        "inconclusive",
        CITATION,
        "intention to treat",
        result.command,
        "no covariates",
    ):
        assert text in page
    assert "deaths in both arms" in page
    assert "early accrual" in page
    assert "nan" not in re.sub(r"base64,[^\"]*", "", page).lower().replace("maintenance", "")


def test_a_summary_says_so_everywhere(make_result: MakeResult) -> None:
    result = make_result("summary")
    svg, png = rendered_curves(result)
    page = record_page(result, svg)
    assert WATERMARK in page
    assert b"not read from a figure" in svg
    assert b"source kind: summary" in svg
    assert WATERMARK.encode() in png
    drawn = [text.get_text().replace("\n", " ") for text in curves_figure(result).axes[0].texts]
    assert WATERMARK in drawn


def test_other_kinds_bear_no_watermark(make_result: MakeResult) -> None:
    result = make_result("traced")
    svg, png = rendered_curves(result)
    assert WATERMARK not in record_page(result, svg)
    assert WATERMARK.encode() not in svg + png
    assert b"SUMMARY" not in svg + png


def test_nothing_of_a_summary_is_drawn_beyond_its_last_printed_point(result: RecordResult) -> None:
    axes = curves_figure(result).axes[0]
    ends = [float(np.max(np.asarray(line.get_xdata(), dtype=float))) for line in axes.lines]
    assert max(ends) == 24.0
    assert all(last_time(result, arm) == 24.0 for arm in result.arms)
    for collection in axes.collections:
        assert collection.get_datalim(axes.transData).x1 <= 24.0


def test_figures_are_the_same_at_every_call(result: RecordResult) -> None:
    first, again = rendered_curves(result), rendered_curves(result)
    assert first == again
    assert b"<dc:date>" not in first[0]
    assert b"@import" not in first[0]
    assert not re.search(rb"(href|src)=\"https?:", first[0])


def test_names_are_text_and_never_markup(make_result: MakeResult) -> None:
    result = make_result("traced", treatment="<b>drug</b> $x_1$", control="<script>alert(1)</script>")
    svg = rendered_curves(result)[0]
    page = record_page(result, svg)
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;drug&lt;/b&gt;" in page
    assert b"<script" not in svg
    assert base64.b64encode(svg).decode() in page


def test_a_link_is_made_of_a_doi_alone(result: RecordResult) -> None:
    digitized = result.record.document.digitized.model_copy(update={"doi": 'javascript:alert("x")'})
    document = result.record.document.model_copy(update={"digitized": digitized})
    bad = replace(result, record=replace(result.record, document=document))
    links = [attrs["href"] for tag, attrs in Tags(record_page(bad, None)).seen if tag == "a"]
    assert links == ["https://doi.org/10.1000/example.1"]


def test_a_record_that_could_not_be_built_has_a_page_without_figure(make_result: MakeResult, tmp_path: Path) -> None:
    files = write_report(make_result(built=False), tmp_path / "out")
    assert [path.name for path in files] == ["report.json", "report.html"]
    page = files[-1].read_text(encoding="utf-8")
    assert "placebo has no printed survival point" in page
    assert "0.55 (0.33 to 0.92)" in page
    assert "<img" not in page
    assert WATERMARK not in page  # there is nothing to mark
    assert "Repairs" not in page


def test_reports_are_written_whole(result: RecordResult, tmp_path: Path) -> None:
    files = write_report(result, tmp_path / "deep" / "out")
    assert [path.name for path in files] == ["report.json", "curves.svg", "curves.png", "report.html"]
    assert sorted(p.name for p in (tmp_path / "deep" / "out").iterdir()) == sorted(p.name for p in files)
    before = [path.read_bytes() for path in files]
    assert [path.read_bytes() for path in write_report(result, tmp_path / "deep" / "out")] == before


def test_a_folder_that_cannot_be_made_is_an_error(result: RecordResult, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ReportError, match="name another output folder"):
        write_report(result, tmp_path / "file" / "out")


def test_the_index_leads_to_every_page(make_result: MakeResult, tmp_path: Path) -> None:
    results = [make_result(), make_result(built=False)]
    page = write_index(results, tmp_path).read_text(encoding="utf-8")
    assert loads(page) == []
    assert page.count('href="example_pfs_2020-01/report.html"') == 2
    assert "5&nbsp;not buildable" in page
    assert "not read from a figure" in page
    unchecked = index_page([replace(results[0], checks=())], {})
    assert "not reported" in unchecked
    assert "0.570" in unchecked
    assert "no printed number to check" in index_page([replace(results[0], checks=(), comparisons=())], {})


def test_printed_points_carry_interval_or_rounding(result: RecordResult) -> None:
    median, survival = printed_points(result, "placebo")
    assert (median.time, median.survival, median.bar, median.is_median) == (18.0, 0.5, (17.5, 18.5), True)
    assert survival.bar == pytest.approx((0.395, 0.405))
    assert not survival.is_interval


def test_printed_numbers_at_risk_stand_beside_the_rebuilt(make_result: MakeResult) -> None:
    result = make_result("traced")
    times = tick_times(result, 45.0)
    assert times.tolist() == [0, 12, 24]
    assert printed_risk(result, "placebo", np.array([0.0, 6.0, 12.0])) == ["60", "", "39"]
    assert printed_risk(result, "drug", times) is None


@pytest.mark.parametrize(("end", "step"), [(24.0, 3.0), (60.0, 12.0), (4.0, 0.5), (900.0, 112.5)])
def test_ticks_are_few_and_round(result: RecordResult, end: float, step: float) -> None:
    times = tick_times(result, end)
    assert times[1] == step
    assert len(times) <= 10


def test_rebuilt_numbers_at_risk_count_as_the_printed_ones(make_result: MakeResult) -> None:
    result = make_result("traced")
    arm, table = result.arms[0], result.record.risk_tables["placebo"]
    assert convention_of(result, result.arms[1]) is AtRiskConvention.BEFORE  # no table
    ties = np.array([0.0, *arm.central.time[:3]])
    for convention in (AtRiskConvention.AFTER, AtRiskConvention.BEFORE):
        printed = replace(table, time=ties, at_risk=arm.central.at_risk(ties, convention))
        for declared in (convention, AtRiskConvention.AUTO):
            tables = {"placebo": replace(printed, convention=declared)}
            assert convention_of(replace(result, record=replace(result.record, risk_tables=tables)), arm) is convention


def test_a_figure_of_one_arm_without_draws(make_result: MakeResult) -> None:
    result = make_result("manual")
    arm = replace(result.arms[0], draws=(result.arms[0].central,))
    alone = replace(result, arms=(arm,), comparisons=(), draws=1, checks=())
    axes = curves_figure(alone).axes[0]
    assert len(axes.collections) == 2  # the bars of the printed median and probability, no band
    assert "at risk (rebuilt)" in [text.get_text() for text in axes.texts]
    assert loads(record_page(alone, rendered_curves(alone)[0])) == []


def test_the_band_holds_the_draws(result: RecordResult) -> None:
    drawn = band(result.arms[0].draws, 24.0, level=1.0, steps=25)
    curves = np.stack([draw.survival_at(drawn.time) for draw in result.arms[0].draws])
    assert (drawn.low == curves.min(axis=0)).all()
    assert (drawn.high == curves.max(axis=0)).all()


def test_a_strip_shows_margin_and_interval() -> None:
    def check(difference: float | None, low: float | None, high: float | None) -> Agreement:
        return Agreement(
            quantity="survival",
            label="",
            fact=None,
            published=0.5,
            obtained=0.5,
            difference=difference,
            interval=Interval(low=low, high=high),
            margin=0.01,
            verdict=Verdict.AGREES,
        )

    drawn = strip(check(0.0, -0.005, 0.005))
    assert drawn is not None
    assert drawn.middle == drawn.point == WIDTH / 2
    assert drawn.zone[0] < drawn.bar[0] < drawn.middle < drawn.bar[0] + drawn.bar[1] < drawn.zone[0] + drawn.zone[1]
    far = strip(check(5.0, 4.0, None))
    assert far is not None
    assert far.point < WIDTH  # cut at the edge
    assert strip(check(None, None, None)) is None


def test_a_ratio_printed_the_other_way_round_is_shown_as_compared(result: RecordResult) -> None:
    fact = PublishedFact(
        quantity="hazard_ratio",
        of="placebo",
        over="drug",
        value=2.0,
        decimals=2,
        model="unadjusted",
        place="p. 1",
        source="DOE",
    )
    check = Agreement(
        quantity="hazard_ratio",
        label=fact.label,
        fact=fact,
        published=0.5,
        obtained=0.57,
        difference=float(np.log(0.57 / 0.5)),
        interval=Interval(low=0.1, high=0.2),
        margin=0.1,
        verdict=Verdict.DIFFERS,
    )
    (row,) = check_rows(replace(result, checks=(check,)))
    assert (row.paper, row.rebuilt) == ("0.500", "0.570")
    assert row.reconstruction == "0.553 to 0.611"  # 0.5 exp(0.1) to 0.5 exp(0.2)
    assert row.confidence == "0.340 to 0.950"


def test_a_median_not_reached_keeps_its_lower_end(result: RecordResult) -> None:
    median = next(check for check in result.checks if check.published == 18.0)
    open_end = replace(median, obtained=None, difference=None, interval=Interval(low=-1.0, high=None))
    (row,) = check_rows(replace(result, checks=(open_end,)))
    assert (row.rebuilt, row.reconstruction) == ("not reached", "17.0 to NR")


def test_a_standard_error_is_compared_as_a_ratio(result: RecordResult) -> None:
    check = replace(
        result.checks[0],
        quantity="hazard_ratio_se",
        published=0.25,
        obtained=0.26,
        difference=0.26 / 0.25 - 1,
        interval=Interval(low=0.0, high=0.1),
    )
    (row,) = check_rows(replace(result, checks=(check,)))
    assert (row.paper, row.rebuilt, row.reconstruction) == ("0.250", "0.260", "0.250 to 0.275")


def test_follow_up_says_what_is_printed_and_what_assumed(result: RecordResult) -> None:
    reason = "no source at hand prints the recruitment window"
    follow_up = FollowUp.model_validate(
        {
            "median": 30,
            "method": "reverse Kaplan-Meier",
            "shortest": 12,
            "assumed": {"shortest": [10, 14], "longest": [40, 44], "reason": reason},
            "source": "DOE",
            "note": "printed twice",
        }
    )
    document = result.record.document.model_copy(update={"follow_up": follow_up})
    changed = replace(result, record=replace(result.record, document=document))
    words = dict(follow_up_pairs(changed))
    assert words["recruitment"] == "not printed"
    assert words["median follow-up"] == "30 months; method: reverse Kaplan-Meier"
    assert words["printed range"] == "12 to not printed months"
    assert words["assumed, not printed"] == f"shortest 10 to 14, longest 40 to 44 months: {reason}"
    assert (words["source"], words["note"]) == ("DOE", "printed twice")
    assert f"follow-up: {reason}" in assumptions(changed)


def test_context_facts_keep_unit_and_denominator() -> None:
    base = {"quantity": "context", "decimals": 0, "place": "p. 2", "source": "DOE"}
    count = PublishedFact.model_validate(base | {"name": "treated", "value": 5, "out_of": 60, "unit": "patients"})
    median = PublishedFact.model_validate(base | {"name": "age", "value": 61, "spread": [30, 80], "also": ["ROE"]})
    assert context_words(count) == ("treated", "5 of 60 patients", "p. 2 (DOE)")
    assert context_words(median) == ("age", "61 (range 30 to 80)", "p. 2 (DOE, ROE)")

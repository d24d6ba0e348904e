"""What commands print: aligned and the same everywhere in a pipe, coloured on a terminal, never markup."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

from survrecon.model.estimate import Estimate, Interval, Status
from survrecon.report.catalogue import catalogue_table
from survrecon.report.content.checks import check_rows
from survrecon.report.content.words import NOT_REAL, WATERMARK, estimate_text
from survrecon.report.table import show
from survrecon.report.text import analysis_tables, trial_tables
from tests.by_hand.facts import fact

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult
    from tests.report.conftest import MakeResult


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_one_table_a_trial_with_what_paper_and_reconstruction_say(
    result: RecordResult, make_result: MakeResult
) -> None:
    tables = trial_tables([result, make_result(built=False)])
    assert len(tables) == 1
    text = tables[0].plain()
    ratio = next(line for line in text.splitlines() if "hazard ratio" in line)
    for cell in ("example_pfs_2020-01", "summary", "0.55 (0.33 to 0.92)", "stratified", "p. 3", "0.570"):
        assert cell in ratio
    assert "0.340 to 0.950" in ratio  # the confidence interval
    assert "0.545 to 0.596" in ratio  # 0.57 exp(-0.01 - ln(0.57 / 0.55)) to 0.57 exp(0.08 - ln(0.57 / 0.55))
    assert ratio.endswith("inconclusive   stratified by age")
    assert "z = -2.20, p 0.028" in text


def test_below_the_table_reasons_and_assumptions_stand_once(result: RecordResult, make_result: MakeResult) -> None:
    text = trial_tables([result, make_result(built=False)])[0].plain()
    assert "median, placebo differs: rounding: the printed median is in whole months" in text
    assert text.count("model: stratified by age") == 1
    assert "example_pfs_2020-01: warning, few patients after 24 months" in text  # both arms, once
    assert "log-rank z differs: no explanation on record" in text
    assert "not buildable, placebo has no printed survival point" in text
    for said_once in ("assumed: hazard constant between printed points", WATERMARK, NOT_REAL):
        assert text.count(said_once) == 1


def test_a_pipe_gets_plain_text_of_one_width(result: RecordResult) -> None:
    piped = io.StringIO()
    show(trial_tables([result]), piped)
    text = piped.getvalue()
    assert text == trial_tables([result])[0].plain()
    assert not set(text) & set("\x1b│─━┃╭")
    assert not any(line != line.rstrip() for line in text.splitlines())
    header, rule, *_ = text.splitlines()[1:]
    starts = [i for i, c in enumerate(rule) if c == "-" and (i == 0 or rule[i - 1] == " ")]
    assert all(header[i] != " " and (i == 0 or header[i - 1] == " ") for i in starts)


def test_a_terminal_gets_colours_and_words_as_they_are(make_result: MakeResult) -> None:
    terminal = Terminal()
    show(trial_tables([make_result(treatment="[red]drug[/red]")]), terminal)
    assert "[red]drug[/red]" in terminal.getvalue()
    assert "differs" in terminal.getvalue()


def test_control_characters_in_names_reach_no_terminal(make_result: MakeResult) -> None:
    text = trial_tables([make_result(treatment="drug\x1b[31m\x07")])[0].plain()
    assert "\x1b" not in text
    assert "\x07" not in text


def test_analysis_says_of_what_over_what_and_where_the_errors_come_from(result: RecordResult) -> None:
    arms, contrast = analysis_tables(result.arms, result.comparisons)
    assert "not reached (from 25.0)" in arms.plain()
    text = contrast.plain()
    assert "hazard ratio of drug over placebo" in text
    headline = next(row for row in check_rows(result) if row.quantity.startswith("hazard ratio"))
    assert f"{headline.rebuilt} ({headline.confidence})" in text, "one format of a ratio, here and among the checks"
    assert "at risk then: placebo 20, drug 31" in text
    assert "chi2 = 0.40, p = 0.53" in text
    assert text.endswith(NOT_REAL + "\n")
    assert contrast.notes[0].startswith("restricted means up to ")
    assert contrast.notes[0].endswith(": as asked for")


def test_one_arm_alone_has_no_contrast(result: RecordResult) -> None:
    tables = analysis_tables(result.arms[:1], [])
    assert len(tables) == 1
    assert NOT_REAL in tables[0].plain()


def test_the_catalogue_says_what_can_be_checked(result: RecordResult, make_result: MakeResult) -> None:
    document = result.record.document
    text = catalogue_table({"example": document}).plain()
    assert "hazard ratio, log-rank p, median x2, survival x2, events" in text
    assert "summary: built from printed numbers, not read from a figure" in text
    lone = [fact for fact in document.published if fact.quantity != "survival"]  # the median of placebo alone
    assert "not buildable" in catalogue_table({"a": document.model_copy(update={"published": tuple(lone)})}).plain()
    lone = [fact for fact in document.published if fact.label != "survival at 24, placebo"]
    left = catalogue_table({"a": document.model_copy(update={"published": tuple(lone)})}).plain()
    assert "hazard ratio, log-rank p, median, survival, events" in left
    traced = make_result("traced").record.document.model_copy(update={"published": tuple(lone)})
    assert "hazard ratio, log-rank p, median x2, survival, events" in catalogue_table({"a": traced}).plain()


def test_an_estimate_without_value_says_why() -> None:
    open_end = Estimate(value=None, status=Status.NOT_REACHED, interval=Interval(low=25.0, high=None))
    assert estimate_text(open_end, 0) == "not reached (from 25)"
    assert estimate_text(Estimate(value=None, status=Status.NOT_ESTIMABLE)) == "not estimable"


def test_events_are_counted_or_given_with_their_range(result: RecordResult) -> None:
    exact = replace(result.arms[0], events=Estimate(value=42.0))
    none = replace(result.arms[1], events=Estimate(value=None, status=Status.NOT_ESTIMABLE))
    _, _, _, first, second, *_ = analysis_tables([exact, none], [])[0].plain().splitlines()
    assert first.split()[:3] == ["placebo", "60", "42"]
    assert "not estimable" in second


def test_rows_of_rare_kinds(result: RecordResult) -> None:
    check = result.checks[0]
    area = fact("restricted_mean", 12.3, 1, arm="drug", at=36)
    mean = replace(check, quantity="restricted_mean", fact=area, published=12.3, obtained=12.04)
    events = replace(check, quantity="events", obtained=20.5)
    whole = replace(check, quantity="events", obtained=20.0)
    rows = check_rows(replace(result, checks=(mean, events, whole)))
    assert rows[0].paper == "12.3"
    assert [row.rebuilt for row in rows] == ["12.04", "20.5", "20"]


def test_a_record_without_any_number_has_a_row(result: RecordResult) -> None:
    bare = replace(result, checks=(), comparisons=())
    assert trial_tables([bare])[0].rows[0][-2] == "not reported"
    assert trial_tables([replace(bare, not_buildable="no points")])[0].rows[0][-2] == "not buildable"


def test_a_contrast_without_a_printed_ratio_has_a_row_beside_those_with_one(result: RecordResult) -> None:
    other = replace(result.comparisons[0], of="third drug")
    rows = trial_tables([replace(result, comparisons=(*result.comparisons, other))])[0].rows
    ratios = [row for row in rows if row[2].startswith("hazard ratio")]
    assert [(row[2], row[3]) for row in ratios] == [
        ("hazard ratio, third drug over placebo", "not reported"),
        ("hazard ratio, drug over placebo", "0.55 (0.33 to 0.92)"),
    ]


def test_times_of_one_trial_in_two_units_are_told_apart(result: RecordResult) -> None:
    assert "\ntimes in months\n" in trial_tables([result])[0].plain()
    document = result.record.document
    axes = document.axes.model_copy(update={"time_unit": "weeks"})
    record = replace(result.record, name="other", document=document.model_copy(update={"axes": axes}))
    text = trial_tables([result, replace(result, record=record)])[0].plain()
    assert "\ntimes in months: example_pfs_2020-01; in weeks: other\n" in text

"""What an assessor asks for first, on the page of a record; the forest plot of an index."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from survrecon.report.brief import at_a_glance, quotation
from survrecon.report.page import index_page, record_page
from survrecon.report.plots.forest import forest_plot

if TYPE_CHECKING:
    from tests.report.conftest import MakeResult


def test_every_question_has_an_answer(make_result: MakeResult) -> None:
    told = dict(at_a_glance(make_result("traced"), ["one", "two"]))
    for question in ("source", "read by", "assumptions", "edits by a person", "to quote", "numbers at risk missed"):
        assert told[question], question
    assert told["assumptions"].startswith("2")
    assert any(question.startswith("hazard ratio") and "class" in words for question, words in told.items())
    assert any("patients" in words and "events" in words for words in told.values())


def test_a_sentence_to_quote(make_result: MakeResult) -> None:
    said = quotation(make_result())
    assert "was rebuilt from printed numbers with survrecon" in said
    assert "printed" in said
    assert "could not be rebuilt" in quotation(make_result(built=False))


def test_the_page_opens_with_it(make_result: MakeResult) -> None:
    page = record_page(make_result("traced"), [])
    assert page.index("At a glance") < page.index("Against the paper")


def test_a_forest_plot_has_a_line_for_each_ratio_real_figures_first(make_result: MakeResult) -> None:
    drawn = forest_plot([make_result("summary"), make_result("traced")])
    assert drawn is not None
    texts = [node.text for node in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert texts.index("read from figures") < texts.index("built from printed numbers")
    assert texts.count("example_pfs_2020-01") == 2
    assert forest_plot([make_result(built=False)]) is None


def test_the_index_leads_with_ratios_by_class(make_result: MakeResult) -> None:
    page = index_page([make_result()], {})
    assert page.index("Class of the printed ratio") < page.index("data:image/svg+xml") < page.index("All checks")

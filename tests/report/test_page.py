"""Pages: self-contained, written whole, honest about summary curves."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from survrecon.errors import ReportError
from survrecon.records.schema import NOT_GIVEN
from survrecon.report.content.words import WATERMARK
from survrecon.report.page import index_page, record_page, write_index, write_report
from survrecon.report.pictures import pictures_of
from survrecon.report.plots.curves import curves_figure, rendered_curves
from survrecon.report.text import trial_tables
from tests.report.browser import Tags, loads
from tests.report.made_up import CITATION

if TYPE_CHECKING:
    from pathlib import Path

    from survrecon.checks.results import RecordResult
    from tests.report.conftest import MakeResult


@pytest.mark.parametrize("kind", ["summary", "traced", "vector", "manual"])
def test_a_page_loads_nothing(make_result: MakeResult, kind: str) -> None:
    result = make_result(kind)
    page = record_page(result, pictures_of(result))
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
    page = record_page(result, pictures_of(result))
    assert WATERMARK in page
    assert b"not read from a figure" in svg
    assert b"source kind: summary" in svg
    assert WATERMARK.encode() in png
    drawn = [text.get_text().replace("\n", " ") for text in curves_figure(result).axes[0].texts]
    assert WATERMARK in drawn


def test_other_kinds_bear_no_watermark(make_result: MakeResult) -> None:
    result = make_result("traced")
    svg, png = rendered_curves(result)
    assert WATERMARK not in record_page(result, pictures_of(result))
    assert WATERMARK.encode() not in svg + png
    assert b"SUMMARY" not in svg + png


def test_names_are_text_and_never_markup(make_result: MakeResult) -> None:
    result = make_result("traced", treatment="<b>drug</b> $x_1$", control="<script>alert(1)</script>")
    svg = rendered_curves(result)[0]
    page = record_page(result, pictures_of(result))
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;drug&lt;/b&gt;" in page
    assert b"<script" not in svg
    assert base64.b64encode(svg).decode() in page


def test_a_link_is_made_of_a_doi_alone(result: RecordResult) -> None:
    digitized = result.record.document.digitized.model_copy(update={"doi": 'javascript:alert("x")'})
    document = result.record.document.model_copy(update={"digitized": digitized})
    bad = replace(result, record=replace(result.record, document=document))
    links = [attrs["href"] for tag, attrs in Tags(record_page(bad, ())).seen if tag == "a"]
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


def test_a_trial_without_a_name_goes_by_the_record_s(result: RecordResult) -> None:
    document = result.record.document
    analysis = document.analysis.model_copy(update={"trial": NOT_GIVEN, "endpoint": NOT_GIVEN})
    arms = tuple(arm.model_copy(update={"place": NOT_GIVEN}) for arm in document.arms)
    record = replace(result.record, document=document.model_copy(update={"analysis": analysis, "arms": arms}))
    nameless = replace(result, record=record)
    page = record_page(nameless, ())
    assert "<h1>example_pfs_2020-01: survival</h1>" in page
    assert "60 (not given)" not in page
    assert ">survival, data of" in index_page([nameless], {"example_pfs_2020-01": "report.html"})
    assert trial_tables([nameless])[0].heading == "example_pfs_2020-01"

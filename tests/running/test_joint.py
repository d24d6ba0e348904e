"""A record that names another data cut-off: the joint analysis beside it, in tables, page and JSON."""

from __future__ import annotations

import shutil
from functools import cache
from typing import TYPE_CHECKING

import pytest

from survrecon.checks.results import RecordResult
from survrecon.model.quantities import Quantity
from survrecon.records.folder import catalogue_folder, read_figure
from survrecon.report.content.joint import joint_tables
from survrecon.report.json import result_to_dict
from survrecon.report.page import record_page
from survrecon.running.record import run_record

if TYPE_CHECKING:
    from pathlib import Path

    from survrecon.checks.cutoffs import JointAnalysis

NAME, OTHER = "ifm-2005-02_pfs_2011-10", "ifm-2005-02_pfs_2010-07"


@cache
def result() -> RecordResult:
    return run_record(NAME, draws=30)


def joint_of(given: RecordResult) -> JointAnalysis:
    assert given.joint is not None
    return given.joint


@pytest.mark.slow
def test_it_stands_beside_the_record_alone() -> None:
    joint = joint_of(result())
    assert (joint.other, joint.is_later, joint.refused) == (OTHER, True, None)
    first = joint.quantities[0]
    assert first.label.startswith("hazard ratio")
    assert first.alone.value != first.joint.value
    assert first.ratio is not None
    assert 0 < first.ratio < 1.5
    assert "survival at 36, placebo, 0.35" in joint.borrowed
    assert any(one.label == "survival at 36, placebo" for one in joint.quantities)


def test_what_was_borrowed_or_tested_is_no_check() -> None:
    joint = joint_of(result())
    assert {check.fact.quantity for check in joint.checks} <= {Quantity.HAZARD_RATIO, Quantity.LOGRANK_P}
    assert joint.checks


def test_tables_page_and_json_show_it() -> None:
    [table] = joint_tables([result()])
    [brief] = joint_tables([result()], details=False)
    assert len(brief.rows) == 1 < len(table.rows)
    assert table.rows[0][5] == "0.50"
    page = record_page(result(), [])
    assert "Together with another data cut-off" in page
    assert "ratio of widths" in page
    told = result_to_dict(result())["joint"]
    assert told["other"] == OTHER
    assert told["quantities"][0]["ratio_of_widths"] == joint_of(result()).quantities[0].ratio


def test_a_record_that_names_none_has_none() -> None:
    alone = run_record("quiredex_os-from-inclusion_2012-10", draws=5)
    assert alone.joint is None
    assert joint_tables([alone]) == []


def test_what_cannot_be_joined_says_why(tmp_path: Path) -> None:
    """Another assessor at the other cut-off; then the other record is not there at all."""
    for name in (NAME, OTHER):
        shutil.copytree(catalogue_folder() / name, tmp_path / name)
    path = tmp_path / OTHER / "figure.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("independent review committee", "investigators"), "utf-8")
    joint = joint_of(run_record(read_figure(tmp_path / NAME), draws=5))
    assert joint.refused is not None
    assert joint.refused.startswith("assessor: investigators (progression), independent")
    assert "not joined with the earlier cut-off" in joint.summary
    named = tmp_path / NAME / "figure.toml"
    named.write_text(named.read_text(encoding="utf-8").replace(f'record = "{OTHER}"', 'record = "nothing"'), "utf-8")
    assert "cannot be read" in str(joint_of(run_record(read_figure(tmp_path / NAME), draws=5)).refused)

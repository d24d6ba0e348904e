"""Intervals of any level, bounds, sides and tests of p values: written and read again, they are the same."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from survrecon.model.published import PublishedFact, Quantity
from survrecon.records.folder import read_document, write_document
from survrecon.records.schema import RecordDocument

GOOD = Path(__file__).parent / "good.toml"
BASE = RecordDocument.model_validate(tomllib.loads(GOOD.read_text(encoding="utf-8")))
ARMS = [arm.name for arm in BASE.arms]
SHARED = {"place": "text", "source": next(iter(BASE.references)), "decimals": 2}

limits = st.integers(0, 50).map(lambda i: i / 100) | st.just("not estimable")
levels = st.integers(5000, 9999).map(lambda i: i / 10_000)


def ratio(**keys: Any) -> PublishedFact:
    told = {"quantity": "hazard_ratio", "of": ARMS[1], "over": ARMS[0], "model": "unadjusted", "value": 0.5}
    return PublishedFact.model_validate({**told, **SHARED, **keys})


@st.composite
def facts(draw: st.DrawFn) -> PublishedFact:
    """A hazard ratio, a p value or a median, with everything that may stand beside it."""
    bound = draw(st.sampled_from(["exact", "less than", "more than"]))
    interval = {"low": draw(limits), "high": draw(st.integers(50, 99).map(lambda i: i / 100)), "level": draw(levels)}
    kind = draw(st.sampled_from(["ratio", "logrank_p", "p_value", "median"]))
    if kind == "ratio":
        return ratio(bound=bound, interval=draw(st.none() | st.just(interval)))
    if kind == "median":
        keys: dict[str, Any] = {"quantity": "median", "arm": ARMS[0], "value": 0.5, "interval": interval}
        return PublishedFact.model_validate({**keys, **SHARED, "bound": bound})
    keys = {"quantity": kind, "value": 0.03, "model": "not stated", "sides": draw(st.sampled_from([1, 2]))}
    if kind == "p_value":
        keys["test"] = draw(st.sampled_from([None, "Wald", "Cox", "Wilcoxon", "other"]))
    return PublishedFact.model_validate({**keys, **SHARED, "bound": bound})


@given(st.lists(facts(), max_size=4))
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_again(found: list[PublishedFact]) -> None:
    document = BASE.model_copy(update={"published": tuple(found), "explained": ()})
    again = RecordDocument.model_validate(tomllib.loads(write_document(document)))
    assert again == document
    assert [fact.interval for fact in again.published] == [fact.interval for fact in found]


def test_a_level_survives_a_folder(tmp_path: Path) -> None:
    """90% written, 90% read; 95% stays a list of two limits."""
    document = BASE.model_copy(
        update={
            "published": (
                ratio(interval={"low": 0.4, "high": 0.6, "level": 0.9}),
                ratio(interval=[0.4, "not reached"]),
            ),
            "explained": (),
        }
    )
    text = write_document(document)
    assert "interval = [0.4, " in text
    shutil.copy(GOOD, tmp_path / "figure.toml")
    (tmp_path / "figure.toml").write_text(text, encoding="utf-8")
    first, second = read_document(tmp_path).published
    assert first.interval is not None
    assert (first.interval.level, first.printed) == (0.9, "0.50 (90% CI 0.40 to 0.60)")
    assert second.interval is not None
    assert (second.interval.level, second.interval.high) == (0.95, None)


@pytest.mark.parametrize(
    "interval",
    [
        {"low": 0.4, "high": 0.6},
        {"low": 0.4, "high": 0.6, "level": 90},
        {"low": 0.4, "high": 0.6, "level": 0.05},
        {"low": 0.4, "high": 0.6, "level": "90%"},
        {"low": 0.4, "high": 0.6, "levle": 0.9},
        {"low": 0.4, "high": "none", "level": 0.9},
        [0.4, None],
    ],
)
def test_intervals_that_are_none(interval: Any) -> None:
    with pytest.raises(ValidationError, match="an interval"):
        ratio(interval=interval)


def test_the_p_of_a_figure_of_version_0_1_0_names_no_test() -> None:
    """That version called the test of every p in a figure the log-rank, in a note; the figure may say otherwise."""
    told = {"quantity": "logrank_p", "value": 0.03, "model": "not stated"}
    old = PublishedFact.model_validate({**told, **SHARED, "note": "the test is taken to be the log-rank"})
    named = PublishedFact.model_validate({**told, **SHARED, "note": "two-sided log-rank test"})
    assert (old.quantity, old.note) == (Quantity.P_VALUE, None)
    assert named.quantity is Quantity.LOGRANK_P

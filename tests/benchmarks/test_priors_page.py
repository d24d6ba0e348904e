"""``docs/model.md`` holds the priors as they are."""

from __future__ import annotations

from benchmarks.priors_page import PAGE, page_with, table


def test_the_page_holds_the_priors_as_they_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with(page, table()), "run python -m benchmarks.priors_page"

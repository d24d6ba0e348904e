"""What is written under a figure can be read, whatever signs its names and statistics hold."""

from __future__ import annotations

import pytest

from survrecon.digitizing.overlay import _font


@pytest.mark.parametrize("sign", list("–−·≥≤×éµ²"))
def test_signs_of_papers_are_no_empty_boxes(sign: str) -> None:
    unknown = _font().getmask("\uffff")
    assert bytes(_font().getmask(sign)) != bytes(unknown)

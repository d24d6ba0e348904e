"""Whatever words come, reading them ends in values, doubts or one clear error."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from survrecon.errors import SurvreconError
from tests.digitizing.damaged import read_damaged


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_damaged_layouts(seed: int) -> None:
    try:
        made = read_damaged(seed)
    except SurvreconError:
        return
    names = [arm.name for arm in made.arms]
    assert len(set(names)) == len(names)
    if made.risk_table is None:
        return
    assert set(made.risk_table.rows) <= set(names)
    for arm, row in made.risk_table.rows.items():
        known = [v for v in row if v is not None]
        rises = any(b > a for a, b in pairwise(known))
        assert not rises or made.late_entry or any(d.arm == arm and d.field == "numbers at risk" for d in made.doubts)

"""Any table of patients' columns: the arms as they are, or a refusal that names a column; never a silent pool."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survrecon.errors import AnalysisError
from survrecon.files.ipd_csv import event_coding, open_patients, read_patients
from survrecon.files.tables import csv_text
from survrecon.model.columns import StatedColumns
from survrecon.model.ipd import PseudoIPD

if TYPE_CHECKING:
    from collections.abc import Mapping

ARMS = ["A", "B", "A", "B", "A", "B"]
EVENTS = [1, 0, 0, 1, 1, 1]
TIMES = [1.5, 2.0, 3.0, 4.5, 5.0, 6.0]
TIME = ("time", "t", "Time", "months", "days", "tte", "AVAL", "futime", "survtime", "OS_MONTHS", "Time (days)")
EVENT: Mapping[str, tuple[object, object]] = {
    "event": (1, 0), "Event": ("True", "False"), "death": ("1.0", "0.0"), "status": (1, 0), "STATUS": (2, 1),
    "fustat": (1, 0), "CNSR": (0, 1), "OS_STATUS": ("1:DECEASED", "0:LIVING"), "cens": ("event", "censored"),
    "vital status": ("dead", "alive"),
}  # fmt: skip
AMBIGUOUS = ("cens", "censor", "Censored")
ARM = ("arm", "ARM", "treat", "trt", "TRTP", "group", "Treatment", "strata", "rx", "Study arm")
KNOWN = ("ID", "id", "USUBJID", "lower", "upper", "se", "n.event", "n.censor", "n_risk", "age", "sex", "Row")
UNKNOWN = ("stage", "site", "x", "biomarker", "my arm", "variable 7", "value")


@dataclass(frozen=True)
class Table:
    """Columns in some order, and what is in them."""

    columns: dict[str, list[object]]
    time: list[str]
    event: list[str]
    arm: list[str]
    unknown: list[str]
    ambiguous: bool

    def write(self, path: Path) -> Path:
        path.write_text(csv_text(self.columns, zip(*self.columns.values(), strict=True)), encoding="utf-8")
        return path


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Return a table with no, one or two columns of each role, and others beside them."""

    def few(pool: tuple[str, ...], weights: tuple[int, ...]) -> list[str]:
        count = draw(st.sampled_from(weights))
        return draw(st.lists(st.sampled_from(pool), min_size=count, max_size=count, unique_by=str.lower))

    time, arm = few(TIME, (1, 1, 1, 1, 0, 2)), few(ARM, (1, 1, 1, 0, 0, 2))
    event = few((*EVENT, *AMBIGUOUS), (1, 1, 1, 1, 1, 0, 2))
    known, unknown = few(KNOWN, (0, 1, 2)), few(UNKNOWN, (0, 0, 1, 2))
    columns: dict[str, list[object]] = {name: list(TIMES) for name in time}
    coded = {name: draw(st.booleans()) for name in event}
    for name in event:
        words = EVENT.get(name) if name in EVENT and coded[name] else EVENT.get(name, (1, 0))
        words = (1, 0) if name in AMBIGUOUS and not coded[name] else words or (1, 0)
        columns[name] = [words[1 - e] for e in EVENTS]
    columns |= {name: list(ARMS) for name in arm}
    columns |= {name: list(range(6)) for name in (*known, *unknown)}
    order = draw(st.permutations(list(columns)))
    ambiguous = any(set(map(str, columns[name])) == {"0", "1"} for name in event if name in AMBIGUOUS)
    return Table({name: columns[name] for name in order}, time, event, arm, unknown, ambiguous)


def arms_of(path: Path, stated: StatedColumns | None = None) -> dict[str, PseudoIPD]:
    table = open_patients(path, stated=stated)
    codings, _ = event_coding([table], stated)
    return {ipd.arm: ipd for ipd in read_patients(table, coding=codings[0])}


def as_they_are(found: Mapping[str, PseudoIPD]) -> None:
    truth = {arm: sorted((t, e) for t, e, a in zip(TIMES, EVENTS, ARMS, strict=True) if a == arm) for arm in ("A", "B")}
    assert {arm: list(zip(ipd.time.tolist(), ipd.event.tolist(), strict=True)) for arm, ipd in found.items()} == truth


@given(tables())
@settings(max_examples=300)
def test_arms_are_as_they_are_or_a_column_is_named(table: Table) -> None:
    first = next(iter(table.columns), "")
    unknown = [name for name in table.unknown if name != "x" or first != "x"]
    clear = len(table.time) == len(table.event) == 1 and len(table.arm) <= 1 and (table.arm or not unknown)
    with tempfile.TemporaryDirectory() as folder:
        path = table.write(Path(folder) / "one.csv")
        if clear and not table.ambiguous:
            found = arms_of(path)
            if table.arm:
                as_they_are(found)
            else:
                assert list(found) == ["one"]  # nothing in the table tells arms apart
            return
        with pytest.raises(AnalysisError) as error:
            arms_of(path)
        assert any(name in str(error.value) for name in table.columns) or not table.columns
        if not table.time or not table.event or not table.arm:
            return
        stated = StatedColumns(
            time=table.time[0],
            event=table.event[0],
            arm=table.arm[0],
            coding={str(table.columns[table.event[0]][0]): True},
        )
        as_they_are(arms_of(path, stated))


@given(tables())
@settings(max_examples=100)
def test_a_frame_of_one_arm_is_read_alike(table: Table) -> None:
    frame = pd.DataFrame(table.columns)
    if table.arm:
        frame = frame[frame[table.arm[0]] == "A"]
    asked = {"STATUS"} & set(table.event) and set(map(str, frame[table.event[0]])) & {"2"}
    if len(table.time) != 1 or len(table.event) != 1 or len(table.arm) > 1 or table.ambiguous or asked:
        with pytest.raises(AnalysisError):
            PseudoIPD.from_frame(frame)
        return
    found = PseudoIPD.from_frame(frame)
    kept = [k for k, arm in enumerate(ARMS) if arm == "A" or not table.arm]
    assert list(zip(found.time.tolist(), found.event.tolist(), strict=True)) == [(TIMES[k], EVENTS[k]) for k in kept]


def test_frames_with_both_arms_are_not_pooled() -> None:
    frame = pd.DataFrame({"time": TIMES, "event": EVENTS, "treat": ARMS})
    with pytest.raises(AnalysisError, match="the patients of one arm; got A, B"):
        PseudoIPD.from_frame(frame)
    one = frame[frame["treat"] == "A"].assign(event=[True, False, True]).rename(columns={"time": "days"})
    assert PseudoIPD.from_frame(one).time_unit == "days"
    with pytest.raises(AnalysisError, match="days, as the column 'days' tells"):
        PseudoIPD.from_frame(one, time_unit="months")

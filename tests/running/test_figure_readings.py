"""What was read stands beside what was typed: kept in the record, told on the way, the same after a round trip."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.analysis.cox import contrast
from survrecon.digitizing import digitize
from survrecon.digitizing.result import PrintedStatistic
from survrecon.errors import RecordError
from survrecon.model.ipd import PseudoIPD
from survrecon.records.folder import read_figure
from survrecon.records.readings import Basis, ReadKind, ReadValue, read_readings, readings_csv
from survrecon.running.as_read import analysis_as_read
from survrecon.running.figure import digitize_to_records, run_figure
from survrecon.running.folder import write_run
from survrecon.running.readings import Typed, figure_readings
from survrecon.running.record import rewrite_report, run_record
from tests.digitizing.rendered import Look, Rendered, render, simulate

if TYPE_CHECKING:
    from pathlib import Path

RATIO = ((0.45, 0.7, "HR 0.65 (95% CI 0.48-0.88)"),)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    rng = np.random.default_rng(5)
    arms = [simulate(rng, "Placebo", 90, median=10), simulate(rng, "Nivolumab", 95, median=16)]
    look = Look(table="plain", marks="|", texts=RATIO)
    return render(tmp_path_factory.mktemp("figure") / "figure.svg", arms, look)


def readings(drawn: Rendered, folder: Path, **options: object) -> dict[tuple[str, str], ReadValue]:
    (record,) = digitize_to_records(drawn.path, folder / "record", options)
    found = read_figure(folder / "record").readings
    assert found == record.readings
    return {(r.what, r.arm if r.at is None else f"{r.arm} {r.at:g}"): r for r in found}


def test_nothing_typed(drawn: Rendered, tmp_path: Path) -> None:
    found = readings(drawn, tmp_path)
    assert not any(reading.typed or reading.disagrees for reading in found.values())
    patients = found["patients", "Placebo"]
    assert (patients.read, patients.used, patients.place, patients.basis) == ("90", "90", "risk table", Basis.READ)
    assert found["time axis, first and last tick", ""].used == "0 to 30"
    assert found["control arm", ""].basis is Basis.ASSUMED
    ratio = found["hazard ratio", ""]
    assert (ratio.read, ratio.basis) == ("0.65 (0.48 to 0.88)", Basis.CHECK)
    assert ratio.used == "hazard ratio, Nivolumab over Placebo, 0.65 (0.48 to 0.88)"
    cells = {name: [r.used for (what, arm), r in found.items() if what == ReadKind.AT_RISK and arm.startswith(name)]
             for name in drawn.table}  # fmt: skip
    assert cells == {name: [str(count) for count in row] for name, row in drawn.table.items()}


def test_typed_otherwise_than_read(drawn: Rendered, tmp_path: Path) -> None:
    typed = {"x_range": (0.0, 60.0), "arm_names": ("Control", "Drug"), "n": {"Drug": 96}, "events": {"Drug": 60}}
    found = readings(drawn, tmp_path, **typed, control="Drug")
    axis = found["time axis, first and last tick", ""]
    assert (axis.read, axis.typed, axis.used, axis.basis, axis.disagrees) == (
        "0 to 30", "0 to 60", "0 to 60", Basis.TYPED, True,
    )  # fmt: skip
    assert found["name of the arm", "Drug"].read == "Nivolumab"
    patients = found["patients", "Drug"]
    assert (patients.read, patients.typed, patients.used, patients.disagrees) == ("95", "96", "96", True)
    events = found["total events", "Drug"]
    assert (events.read, events.used, events.disagrees) == ("", "60", False)
    assert found["control arm", ""].basis is Basis.TYPED
    remarks = read_figure(tmp_path / "record").document.digitized.remarks
    assert "patients of Drug: read '95', typed '96'; what was typed is used" in remarks


def test_a_printed_total_stands_beside_the_typed_one(drawn: Rendered) -> None:
    figure = digitize(drawn.path)
    words = PrintedStatistic(quantity="events", value=61, text="Drug: 61 events", arm="Nivolumab", decimals=0)
    figure = replace(figure, printed=(words,))
    built = {"Placebo": {"n": 90}, "Nivolumab": {"n": 95, "events": 60}}
    found = figure_readings(figure, figure, {}, built, typed=Typed(events={"Nivolumab": 60}))
    (total,) = [reading for reading in found if reading.what == "total events"]
    assert (total.read, total.typed, total.used, total.disagrees) == ("61", "60", "60", True)
    found = figure_readings(figure, figure, {}, built, typed=Typed())
    assert next(r.basis for r in found if r.what == "total events") is Basis.READ


def test_a_typed_risk_table_stands_beside_the_printed_one(drawn: Rendered, tmp_path: Path) -> None:
    rows = zip(drawn.ticks, *drawn.table.values(), strict=True)
    text = "time,Placebo,Nivolumab\n" + "\n".join(",".join(f"{v:g}" for v in row) for row in rows)
    (tmp_path / "risk.csv").write_text(text.replace("\n6,", "\n6.5,"))
    found = readings(drawn, tmp_path, risk_table=tmp_path / "risk.csv")
    read_only, typed_only = found[ReadKind.AT_RISK, "Placebo 6"], found[ReadKind.AT_RISK, "Placebo 6.5"]
    assert (read_only.read, read_only.basis) == (str(drawn.table["Placebo"][1]), Basis.UNUSED)
    assert (typed_only.read, typed_only.typed, typed_only.basis) == ("", str(drawn.table["Placebo"][1]), Basis.TYPED)
    assert found[ReadKind.AT_RISK, "Placebo 12"].typed == found[ReadKind.AT_RISK, "Placebo 12"].read


@pytest.mark.slow
def test_a_printed_ratio_that_weights_the_draws_is_said_to_be_used(tmp_path: Path) -> None:
    """A run with ``--use`` says so in its ``readings.csv``; the folder run again without it makes a check of it."""
    rng = np.random.default_rng(5)
    arms = [simulate(rng, "Placebo", 90, median=10), simulate(rng, "Drug", 95, median=16)]
    true = contrast(*(PseudoIPD(time=arm.time, event=arm.event, arm=arm.name) for arm in arms))
    printed = ((0.45, 0.7, f"HR {np.exp(true.log_hr):.2f}"),)
    render(tmp_path / "figure.svg", arms, Look(table="plain", marks="|", texts=printed, end=48.0))
    run_figure(tmp_path / "figure.svg", tmp_path / "used", {}, {"use": ["hr"]})
    used = {r.what: r for r in read_figure(tmp_path / "used").readings}[ReadKind.HAZARD_RATIO]
    assert used.basis is Basis.CONSTRAINT
    assert used.used == f"hazard ratio, Drug over Placebo, {used.read}"
    before = (tmp_path / "used" / "readings.csv").read_bytes()
    write_run(run_record(tmp_path / "used"), tmp_path / "checked")
    assert {r.what: r for r in read_figure(tmp_path / "checked").readings}[ReadKind.HAZARD_RATIO].basis is Basis.CHECK
    rewrite_report(tmp_path / "used")
    assert (tmp_path / "used" / "readings.csv").read_bytes() == before
    assert "used as a constraint" in (tmp_path / "used" / "report.html").read_text().split("Inputs: read against")[1]


def test_readings_come_back_from_their_file(tmp_path: Path) -> None:
    kept = (
        ReadValue(what=ReadKind("patients"), arm='the "drug", 5 mg', read="90", confidence=0.75, typed="91", used="91"),
        ReadValue(what=ReadKind.AT_RISK, arm="x", at=0.5, basis=Basis.UNUSED),
    )
    (tmp_path / "readings.csv").write_text(readings_csv(kept), encoding="utf-8")
    assert read_readings(tmp_path / "readings.csv") == kept


@pytest.mark.parametrize(
    "text", ["what,arm\nx,y\n", readings_csv([ReadValue(what=ReadKind.PATIENTS)]).replace("read\n", "guess\n")]
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "readings.csv").write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match="the columns what, arm"):
        read_readings(tmp_path / "readings.csv")


def test_the_unit_of_an_axis_is_no_part_of_the_endpoint(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    arms = [simulate(rng, "Control", 60, median=9), simulate(rng, "Drug", 60, median=14)]
    drawn = render(tmp_path / "f.svg", arms, Look(table="plain", percent=True))
    assert analysis_as_read(digitize(drawn.path))["endpoint"] == "Overall survival"

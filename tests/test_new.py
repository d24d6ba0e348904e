"""Records from points of other digitizers."""

import re
from pathlib import Path

import pytest

from survrecon.errors import CurveError, RecordError
from survrecon.model.curve import AtRiskConvention, Resolution
from survrecon.records.folder import FigureRecord, read_document, record_folder
from survrecon.records.new import details_to_fill_in, new_record
from survrecon.records.schema import SourceKind

PLACEBO = "x;y\n-0,1;100\n3;80,5\n3;71\n9;40\n"
DRUG = "0,100\n3,90\n9,70\n"
RISK = "time;Drug 10 mg;Placebo\n0;50;52\n6;30;20\n12;4;\n"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Return files as other programs export them."""
    texts = {"placebo": PLACEBO, "drug": DRUG, "risk": RISK, "marks": "time\n7\n4,5\n".replace(",", ".")}
    paths = {name: tmp_path / f"{name}.csv" for name in texts}
    for name, text in texts.items():
        paths[name].write_text(text, encoding="utf-8")
    return paths


@pytest.fixture
def record(files: dict[str, Path], tmp_path: Path) -> FigureRecord:
    """Return a record of two arms with everything that can be given."""
    return new_record(
        tmp_path / "trial_os_2020",
        arms={"Placebo": files["placebo"], "Drug 10 mg": files["drug"]},
        risk_table=files["risk"],
        at_risk_convention="after",
        n={"Placebo": 53},
        events={"Drug 10 mg": 15},
        censor_times={"Drug 10 mg": files["marks"]},
        y_unit="percent",
        time_unit="weeks",
        resolution=(0.002, 0.05),
        details={"citation": "Example 2020", "endpoint": "overall survival", "program": "WebPlotDigitizer"},
    )


def test_the_record_holds_what_was_given(record: FigureRecord) -> None:
    assert (record.name, record.kind) == ("trial_os_2020", SourceKind.MANUAL)
    placebo, drug = record.document.arms
    assert (placebo.n, drug.n, placebo.events, drug.events) == (53, 50, None, 15)
    assert record.document.control is placebo
    assert record.curves["Placebo"].time_unit == "weeks"
    assert record.curves["Placebo"].resolution == Resolution(survival=0.002, time=0.05)
    assert record.risk_tables["Placebo"].at_risk.tolist() == [52, 20]
    assert record.risk_tables["Drug 10 mg"].at_risk.tolist() == [50, 30, 4]
    assert record.risk_tables["Drug 10 mg"].convention is AtRiskConvention.AFTER
    assert record.censor_times["Drug 10 mg"].tolist() == [4.5, 7]
    assert record.document.digitized.program == "WebPlotDigitizer"


def test_points_stay_as_digitized_as_fractions(record: FigureRecord) -> None:
    written = (record.folder / "placebo.csv").read_text(encoding="utf-8")
    assert written == "time,survival\n-0.1,1\n3,0.805\n3,0.71\n9,0.4\n"
    assert {path.name for path in record.folder.iterdir()} == {
        "figure.toml",
        "placebo.csv",
        "drug-10-mg.csv",
        "drug-10-mg_censored.csv",
        "record.json",
        "risk_table.csv",
    }


def test_it_says_what_is_left_to_fill_in(record: FigureRecord) -> None:
    assert details_to_fill_in(record.document) == ("analysis.trial", "arms.Placebo.place", "arms.Drug 10 mg.place")


def test_it_starts_nothing_half_and_writes_nothing_over(
    record: FigureRecord, files: dict[str, Path], tmp_path: Path
) -> None:
    figure = record.folder / "figure.toml"
    figure.write_text(figure.read_text(encoding="utf-8") + "# filled in\n", encoding="utf-8")
    with pytest.raises(RecordError, match=r"only what survrecon wrote .* someone else: figure\.toml"):
        new_record(record.folder, arms={"Drug": files["drug"]}, n={"Drug": 50}, y_unit="percent")
    with pytest.raises(CurveError):
        new_record(tmp_path / "broken", arms={"Drug": files["drug"]}, n={"Drug": 50})
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["trial_os_2020"]


def test_one_arm_and_nothing_else(files: dict[str, Path], tmp_path: Path) -> None:
    record = new_record(tmp_path / "one", arms={"Drug": files["drug"]}, n={"Drug": 50}, y_unit="percent")
    assert record.document.axes.time_unit == "months"
    assert record.curves["Drug"].resolution is None
    assert record.risk_tables == {}
    assert "digitized.citation" in details_to_fill_in(record.document)


def test_failures_become_survival(tmp_path: Path) -> None:
    path = tmp_path / "incidence.csv"
    path.write_text("time,incidence\n0,0\n3,0.2\n", encoding="utf-8")
    record = new_record(tmp_path / "r", arms={"A": path}, n={"A": 9}, one_minus_survival=True, resolution=0.01)
    assert record.curves["A"].survival.tolist() == [1, 0.8]
    assert record.document.axes.one_minus_survival
    assert record.document.axes.resolution_survival == 0.01


def test_curves_of_one_file(tmp_path: Path) -> None:
    path = tmp_path / "both.csv"
    path.write_text("x,Drug,Curve2\n0,1,1\n3,0.9,0.8\n", encoding="utf-8")
    record = new_record(tmp_path / "r", arms={"Drug": path, "Placebo": f"{path}#Curve2"}, n={"Drug": 9, "Placebo": 9})
    assert record.curves["Drug"].survival.tolist() == [1, 0.9]
    assert record.curves["Placebo"].survival.tolist() == [1, 0.8]
    assert record.document.control.name == "Drug"


def test_one_risk_table_an_arm_and_names_that_no_file_can_have(tmp_path: Path) -> None:
    for name, text in {"p": "time,s\n0,1\n3,0.8\n", "r": "time,n\n0,20\n3,12\n"}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    points, table = tmp_path / "p.csv", tmp_path / "r.csv"
    arms = {"≥65, men": points, "<65": points, "65": points, "β": points}
    record = new_record(
        tmp_path / "r", arms=arms, risk_table={"≥65, men": table, "<65": table}, n={"65": 7, "β": 8}, control="65"
    )
    files = [arm.points.file for arm in record.document.arms if arm.points]
    assert files == ["65-men.csv", "65.csv", "65-2.csv", "arm.csv"]
    assert [arm.n for arm in record.document.arms] == [20, 20, 7, 8]
    assert list(record.risk_tables) == ["≥65, men", "<65"]
    assert record.document.control.name == "65"


def test_facts_are_taken_over(tmp_path: Path) -> None:
    for arm in ("placebo", "lenalidomide"):
        (tmp_path / f"{arm}.csv").write_text("time,survival\n0,1\n24,0.9\n48,0.74\n", encoding="utf-8")
    arms = {arm: tmp_path / f"{arm}.csv" for arm in ("placebo", "lenalidomide")}
    record = new_record(
        tmp_path / "r",
        arms=arms,
        facts_from="ifm-2005-02_os_2011-10",
        events={"placebo": 74},
        resolution=Resolution(survival=0.002),
        details={"figure": "Figure S2", "trial": "IFM"},
    )
    shipped = read_document(record_folder("ifm-2005-02_os_2011-10"))
    assert record.kind is SourceKind.MANUAL
    assert record.document.published == shipped.published
    assert record.document.follow_up == shipped.follow_up
    assert [arm.events for arm in record.document.arms] == [74, 79]
    assert record.document.control.name == "placebo"
    assert (record.document.digitized.figure, record.document.analysis.trial) == ("Figure S2", "IFM")
    assert details_to_fill_in(record.document) == ()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"arms": {}}, "at least one arm; got none"),
        ({"n": {"Dose": 3}}, "n: the name of an arm; got 'Dose'"),
        ({"control": "Dose"}, "control: the name of an arm; got 'Dose'"),
        ({"censor_times": {"Dose": "marks.csv"}}, "censor_times: the name of an arm; got 'Dose'"),
        ({"n": {}}, "n of Drug: the number of patients, given or in the risk table at time 0; got neither"),
        ({"events": {"Drug": 51}}, "events: from 0 to the 50 patients of Drug; got 51"),
        ({"time_unit": "mo"}, "axes.time_unit: Input should be 'days', 'weeks', 'months' or 'years'; got 'mo'"),
        ({"resolution": 0.7}, "resolution: survival from 0 to 0.5"),
        ({"facts_from": "ifm"}, "the name of a catalogue record; got neither"),
        ({"facts_from": "quiredex_ttp_2012-10"}, "the arms of the facts: observation, lenalidomide-dexamethasone"),
    ],
)
def test_what_makes_no_record(options: dict[str, object], says: str, files: dict[str, Path], tmp_path: Path) -> None:
    given: dict[str, object] = {"arms": {"Drug": files["drug"]}, "n": {"Drug": 50}, "y_unit": "percent", **options}
    with pytest.raises((RecordError, CurveError), match=re.escape(says)):
        new_record(tmp_path / "r", **given)  # type: ignore[arg-type]
    assert not (tmp_path / "r").exists()


def test_facts_taken_over_fix_the_unit_of_time_and_the_control(files: dict[str, Path], tmp_path: Path) -> None:
    arms = {"placebo-dexamethasone": files["placebo"], "lenalidomide-dexamethasone": files["drug"]}
    with pytest.raises(RecordError, match="time unit: weeks, the unit of the facts taken over; got months"):
        new_record(tmp_path / "r", arms=arms, facts_from="mm010_os_2008-03", time_unit="months", y_unit="percent")
    with pytest.raises(RecordError, match="control: placebo-dexamethasone, as in the facts taken over"):
        new_record(
            tmp_path / "r",
            arms=arms,
            facts_from="mm010_os_2008-03",
            control="lenalidomide-dexamethasone",
            y_unit="percent",
        )


def test_a_curve_that_rises_is_refused_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "incidence.csv"
    path.write_text("time,incidence\n0,0\n3,0.2\n6,0.5\n9,0.8\n", encoding="utf-8")
    with pytest.raises(CurveError, match=r"incidence\.csv: curve: survival never rises"):
        new_record(tmp_path / "r", arms={"A": path}, n={"A": 9})

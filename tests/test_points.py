"""Files of points, risk tables and censoring marks: each foreign layout, and each that could be read in two ways."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survrecon.errors import CurveError
from survrecon.files.datasets import read_datasets
from survrecon.files.points import read_censor_times, read_events_so_far, read_points, read_risk_table
from survrecon.model.curve import AtRiskConvention
from tests.build import table as at_risk_table

HERE = Path(__file__).parent / "points"
TIME, SURVIVAL = [0, 2.5, 4], [1, 0.98, 0.9]
GOOD = sorted(path.name for path in (HERE / "good").iterdir())
SEVERAL = {
    "arm_called_treatment.csv": ("Control", "Treatment"),
    "broom_strata.csv": ("Placebo", "Drug"),
    "digitizeit_pairs.txt": ("curve 1", "curve 2"),
    "drug_called_s1.csv": ("S-1", "Docetaxel"),
    "engauge.csv": ("Placebo", "Drug"),
    "engauge_12.dig": ("Placebo", "Drug"),
    "excel_errors_between_arms.csv": ("Placebo", "Drug"),
    "gnuplot_header.txt": ("Placebo", "Drug"),
    "named_pairs.csv": ("Placebo", "Drug"),
    "names_in_a_column.csv": ("Placebo", "Drug"),
    "names_in_the_last_column.csv": ("A", "B"),
    "names_over_pairs.csv": ("Placebo", "Drug"),
    "names_over_units.csv": ("Placebo", "Drug"),
    "pairs_beside_row_numbers.csv": ("Placebo", "Drug"),
    "retroglyph.csv": ("Placebo", "Drug"),
    "survdigitizer.csv": ("1", "2"),
    "webplotdigitizer_4.json": ("Placebo", "Drug"),
    "webplotdigitizer_two.csv": ("Placebo", "Drug"),
    "webplotdigitizer_years.csv": ("2006", "2010"),
}
BAD = {
    "empty.csv": r"a table of numbers; got an empty file",
    "only_comments.csv": r"a table of numbers; got an empty file",
    "only_a_header.csv": r"only_a_header\.csv: at least one point; got none",
    "one_column.csv": r"two columns, time and survival; got 1 column",
    "text_in_a_cell.csv": r"text_in_a_cell\.csv, line 3: every cell is a number; got 'about 0\.9'",
    "na_in_a_cell.csv": r"line 3: every cell is a number; got 'NA'",
    "typo_in_the_first_row.csv": r"line 1: every cell is a number; got 'l'",
    "empty_cell.csv": r"line 3: time and survival of each point; got 3 and nothing",
    "survival_first.csv": r"time before survival; got columns survival, time",
    "two_decimal_marks.csv": r"line 3: one decimal mark in a file; got '0\.98' beside decimal commas",
    "thousands.csv": r"line 3: numbers without thousands separators; got '1,005'",
    "european_thousands.csv": r"line 3: every cell is a number; got '1\.005,5'",
    "pairs_or_one_x.csv": r"a header that tells which columns belong together; got 4 columns without a header",
    "header_that_does_not_tell.csv": r"which columns belong together; got 3 columns headed 'a', 'b', 'c'",
    "curves_of_one_name.csv": r"curve names that differ; got Drug, Drug",
    "pair_without_time.csv": r"line 3: time and survival of each point; got nothing and 0\.8 \(Drug\)",
    "curve_without_points.csv": r"at least one point; got none of Drug",
    "several_curves.csv": r"one curve, or the name of the one to read; got 2 curves: Placebo, Drug",
    "percent.csv": r"percent\.csv, line 2: curve: survival is a fraction from 0 to 1; got values up to 100",
    "curves_below_each_other.csv": r"line 5: one header in a file; got a second one, 'x', 'Drug'",
    "workbook.csv": r"a text file; got binary data",
    "unquoted_decimal_commas.csv": r"line 3: no more cells .* 2 names; got 4 cells, .* decimal commas",
    "unquoted_decimal_commas_no_header.csv": r"got 4 columns without a header.* decimal commas, export with semicolons",
    "rows_wider_than_the_header.csv": r"line 3: no more cells .* 2 names; got 3 cells, 2\.5,0\.98,7",
    "row_numbers_without_time.csv": r"a column headed time; got .*'ID', 'survival'.* 'ID' numbers the rows",
    "row_numbers_and_an_unknown_column.csv": r"a column headed time; got 3 columns headed 'K', 'foo', 'survival'",
    "row_numbers_without_header.txt": r"3 columns without a header.* remove the first column if it numbers the rows",
    "unknown_column.csv": r"columns whose headers are known; .* remove 'foo'; or head it curve",
    "column_without_a_name.csv": r"a name over every column; got column 2 without one",
    "two_columns_of_times.csv": r"one column of times; got 3 columns headed 'time', 'months', 'survival'",
    "curves_numbered_by_id.csv": r"row numbers that count 1, 2, 3; got 'id' with 1, 1, 2",
    "name_in_the_first_row_alone.csv": r"line 3: the curve's name in each row; got an empty cell",
    "names_under_an_unknown_header.csv": r"columns whose headers are known; .* remove 'Study'; or head it curve",
    "ipdfromkm_patients.csv": r"points of a curve, time and survival; got patients, .* survrecon analyze",
    "kmdata_patients.csv": r"points of a curve, time and survival; got patients, .* survrecon analyze",
    "retroglyph_patients.csv": r"points of a curve, time and survival; got patients, .* survrecon analyze",
    "two_columns_of_patients.csv": r"points of a curve, time and survival; got patients, .* survrecon analyze",
    "risk_table.csv": r"a column of survival; got columns 'time', 'nrisk'.* risk_table=",
    "percent_signs.csv": r"survival is a fraction; got numbers with percent signs.*survival_unit='percent'",
    "percent_signs_in_some_cells.csv": r"line 3: a percent sign in every cell or in none; got '98%' below '1'",
    "excel_error.csv": r"line 3: every cell is a number; got '#N/A'",
    "excel_dates.csv": r"line 3: every cell is a number; got '05\. Jan'.* a spreadsheet has made a date of it",
    "excel_dates_in_a_row.csv": r"line 2: every cell is a number; got '2\. Mai'.* a spreadsheet has made a date of it",
    "two_separators.csv": r"line 3: every cell is a number; got '2\.5,0\.98'.* use one separator",
    "blocks_under_comments.txt": r"line 5: one header in a file; got a second one, 'x', 'Drug'",
    "blocks_without_header.txt": r"line 6: one curve without a gap; got a second block that starts again at time 0",
    "german_survival_first.csv": r"time before survival; got columns Überleben, Zeit",
    "other.json": r"or a WebPlotDigitizer project; got JSON of another kind",
    "broken.json": r"a file of points; got text in braces that is no JSON",
    "page.html": r"or an Engauge document; got XML of another kind, html",
    "webplotdigitizer_not_calibrated.json": r"a WebPlotDigitizer project, A: XY axes; got ImageAxes",
    "webplotdigitizer_without_values.json": r"two calibrated values per point; got None",
    "webplotdigitizer_empty.json": r"a WebPlotDigitizer project: at least one point; got none",
    "engauge_two_axis_points.dig": r"an Engauge document: at least 3 axis points .*; got 2 .* export its data as CSV",
    "engauge_axis_points_in_a_line.dig": r"an Engauge document: axis points that are not all in one line",
    "engauge_polar.dig": r"an Engauge document: Cartesian axes of numbers",
    "engauge_no_curve.dig": r"an Engauge document: at least one point; got none",
    "engauge_cut_short.dig": r"a file of points; got XML that cannot be read",
}
LEFT_OUT = {
    "survhe_id.txt": "ID",
    "survhe_k_scientific.txt": "K",
    "r_write_table.txt": "row numbers",
    "r_read_back.csv": "X",
    "r_survfit_columns.csv": "n.risk, n.event, n.censor, std.err, lower, upper",
    "lifelines.csv": "KM_estimate_lower_0.95, KM_estimate_upper_0.95",
    "stata_ipdfc.txt": "trisk, nrisk",
    "ipdfromkm_points.csv": "row numbers, risk, censor, event",
    "pairs_beside_row_numbers.csv": "ID",
    "retroglyph.csv": "max_y, increasing",
}


@pytest.mark.parametrize("name", GOOD)
def test_each_layout_gives_the_same_points(name: str) -> None:
    first = SEVERAL.get(name, (None,))[0]
    curve = read_points(HERE / "good" / name, dataset=first)
    np.testing.assert_array_equal(curve.time, TIME)
    np.testing.assert_array_equal(curve.survival, SURVIVAL)
    assert not curve.time.flags.writeable


@pytest.mark.parametrize("name", SEVERAL)
def test_the_second_curve_is_read_whatever_its_length(name: str) -> None:
    curves = read_datasets(HERE / "good" / name)
    assert tuple(curves) == SEVERAL[name]
    second = list(curves.values())[1]
    np.testing.assert_array_equal(second.time, [0, 3])
    np.testing.assert_array_equal(second.survival, [1, 0.95])


@pytest.mark.parametrize("name", BAD)
def test_what_can_be_read_in_two_ways_is_refused(name: str) -> None:
    with pytest.raises(CurveError, match=BAD[name]):
        read_points(HERE / "bad" / name)


@pytest.mark.parametrize("name", BAD)
def test_a_message_fits_in_a_line(name: str) -> None:
    with pytest.raises(CurveError) as caught:
        read_points(HERE / "bad" / name)
    assert len(str(caught.value)) - len(caught.value.where) <= 180


@pytest.mark.parametrize("name", LEFT_OUT)
def test_columns_beside_the_points_are_left_out_and_listed(name: str) -> None:
    curve = read_points(HERE / "good" / name, dataset=SEVERAL.get(name, (None,))[0])
    assert curve.notes == (f"columns left out of {name}: {LEFT_OUT[name]}",)


def test_every_bad_file_is_tried() -> None:
    assert {path.name for path in (HERE / "bad").iterdir()} == set(BAD)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(CurveError, match="a readable file; got No such file"):
        read_points(HERE / "nothing.csv")


def test_a_curve_that_is_not_in_the_file() -> None:
    with pytest.raises(CurveError, match=r"a curve named 'Dose'; got curves named 'Placebo', 'Drug'"):
        read_points(HERE / "good" / "engauge.csv", dataset="Dose")


def test_units_end_at_the_border(tmp_path: Path) -> None:
    path = _write(tmp_path, "weeks,percent\n0,0\n3,20\n")
    curve = read_points(
        path, time_unit="weeks", survival_unit="percent", one_minus_survival=True, resolution=(0.002, 0.1)
    )
    assert curve.survival.tolist() == [1, 0.8]
    assert curve.time_unit == "weeks"
    assert curve.resolution is not None
    assert (curve.resolution.survival, curve.resolution.time) == (0.002, 0.1)


DIALECTS = [(separator, mark) for separator in (",", ";", "\t", " ") for mark in (".", ",") if separator != mark]
VALUES = st.lists(
    st.tuples(st.integers(0, 99_999), st.integers(0, 1000)), min_size=1, max_size=30, unique_by=lambda point: point[0]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=VALUES, dialect=st.sampled_from(DIALECTS), header=st.booleans(), bom=st.booleans())
def test_points_come_back_whatever_the_dialect(
    tmp_path: Path, points: list[tuple[int, int]], dialect: tuple[str, str], header: bool, bom: bool
) -> None:
    separator, mark = dialect
    rows = [f"{time / 100:.2f}{separator}{survival / 1000:.3f}".replace(".", mark) for time, survival in points]
    text = "\n".join([*([f"time{separator}survival"] if header else []), *rows])
    path = tmp_path / "dialect.csv"
    path.write_text(text, encoding="utf-8-sig" if bom else "utf-8")
    curve = read_points(path)
    np.testing.assert_allclose(curve.time, [time / 100 for time, _ in points], rtol=0, atol=1e-12)
    np.testing.assert_allclose(curve.survival, [survival / 1000 for _, survival in points], rtol=0, atol=1e-12)


COLUMNS: dict[str, list[str]] = {
    "time": ["0", "2.5", "4", "7.25"],
    "survival": ["1", "0.98", "0.9", "0.7"],
    "": ["1", "2", "3", "4"],
    "ID": ["1", "2", "3", "4"],
    "K": ["2", "5", "7", "9"],
    "lower": ["1", "0.9", "0.8", "0.6"],
    "upper 95% CI": ["1", "1", "0.95", "0.85"],
    "n.risk": ["50", "50", "49", "40"],
    "status": ["0", "1", "1", "0"],
    "foo": ["0", "1", "2", "3"],
    "Drug": ["1", "0.95", "0.9", "0.85"],
    "arm": ["A", "A", "A", "A"],
    "trisk": ["0", "6", "", ""],
}


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=7, unique=True))
def test_columns_are_what_their_headers_say_or_the_file_is_refused(tmp_path: Path, names: list[str]) -> None:
    """No other column is read as times or survival, and what is not used is listed."""
    rows = zip(*(COLUMNS[name] for name in names), strict=True)
    path = _write(tmp_path, "\n".join([",".join(names), *map(",".join, rows)]) + "\n")
    try:
        curves = read_datasets(path)
    except CurveError:
        return
    used = {"arm"}
    for name, points in curves.items():
        times = "time" if "time" in names else names[0]  # two columns are time and survival, whatever their names
        named = [other for other in names if other in ("Drug", "foo") and other != times]
        survival = "survival" if "survival" in names else name if name in names else named[0]
        assert times == "time" or (len(names) == 2 and times in ("foo", "Drug"))
        assert points.time.tolist() == [float(cell) for cell in COLUMNS[times]]
        assert points.survival.tolist() == [float(cell) for cell in COLUMNS[survival]]
        used |= {times, survival}
    left = [name or "row numbers" for name in names if name not in used]
    assert next(iter(curves.values())).notes == ((f"columns left out of file.csv: {', '.join(left)}",) if left else ())


def _write(folder: Path, text: str) -> Path:
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_risk_table_of_two_arms(tmp_path: Path) -> None:
    path = _write(tmp_path, "time,Placebo,Drug,Total\n0,100,98,198\n6,60,70,130\n12,,31,\n")
    tables = read_risk_table(path, arms=["drug", "Placebo"], convention="after")
    assert tables["drug"].at_risk.tolist() == [98, 70, 31]
    assert tables["Placebo"].time.tolist() == [0, 6]
    assert tables["Placebo"].convention is AtRiskConvention.AFTER


@pytest.mark.parametrize("text", ["time,n at risk\n0,100\n6,60\n", "0,100\n6,60\n", "t;x\n0;100\n6;60\n"])
def test_a_risk_table_of_one_arm_needs_no_name(tmp_path: Path, text: str) -> None:
    table = read_risk_table(_write(tmp_path, text), arms=["Placebo"])["Placebo"]
    assert table.at_risk.tolist() == [100, 60]
    assert table.convention is AtRiskConvention.AUTO


def test_an_arm_without_numbers_is_left_out(tmp_path: Path) -> None:
    assert list(read_risk_table(_write(tmp_path, "time,A,B\n0,10,\n6,7,\n"), arms=["A", "B"])) == ["A"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("time,A,B\n0,10,9\n", r"one column headed 'C'; got columns 'time', 'A', 'B'"),
        ("time,C,C\n0,10,9\n", r"one column headed 'C'; got columns 'time', 'C', 'C'"),
        ("time,A,C\n0,10,9\n6,,7\n12,5,3\n", r"line 3: time and number at risk of A; got an empty cell"),
        ("time,A,C\n0,10,9\n,8,7\n", r"line 3: time and number at risk of C; got an empty cell"),
        ("time,A,C\n0,10,9\n6,12,7\n", r"file\.csv, line 3, A: risk table: a number at risk never rises"),
        ("time,A,C\n0,10.5,9\n", r"whole numbers from 0 to 1000000; got 10\.5"),
        ("arm,0,6,12\nA,10,8,3\nC,9,8,7\n", r"one column per arm; got times along the top"),
        ("time,A,C\n", r"one column per arm; got no line of numbers"),
    ],
)
def test_a_risk_table_that_cannot_be_used(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CurveError, match=says):
        read_risk_table(_write(tmp_path, text), arms=["C", "A"])


@pytest.mark.parametrize(
    "text",
    [
        "time\n8.5\n3\n",
        "time;\n8,5;\n3;\n",
        "# marks\n8.5\n3\n",
        "x,y\n8.5,0.9\n3,0.95\n",
        "Drug,\nX,Y\n8.5,0.9\n3,0.95\n",
    ],
)
def test_censoring_times_are_sorted(tmp_path: Path, text: str) -> None:
    assert read_censor_times(_write(tmp_path, text)).tolist() == [3, 8.5]


def test_no_censoring_times_under_a_header(tmp_path: Path) -> None:
    assert read_censor_times(_write(tmp_path, "time\n")).size == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("8.5,0.9\n3,0.95\n", r"one column of times; got 2 columns"),
        ("time\n8,5\n3,2\n", r"one column of times; got 2 columns headed 'time', ''"),
        ("x1,y1,x2,y2\n8.5,0.9,3,0.95\n", r"the marks of one arm; got several pairs"),
        ("time\n-1\n", r"line 2: a time from 0; got -1"),
        ("x,y\n8,0.9\n,0.9\n", r"line 3: a time from 0; got nothing"),
        ("time\nnever\n", r"one time per line under one header; got 'never'"),
    ],
)
def test_censoring_times_that_cannot_be_used(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CurveError, match=says):
        read_censor_times(_write(tmp_path, text))


def test_a_picture_is_no_table(tmp_path: Path) -> None:
    """Its first byte is no UTF-8, but what it lacks is not an encoding."""
    path = tmp_path / "figure.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    with pytest.raises(CurveError, match="a text file; got binary data"):
        read_points(path)


def test_events_so_far_beside_a_risk_table(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    tables = {"A": at_risk_table([0, 6, 12], [50, 30, 9]), "B": at_risk_table([0, 6], [40, 22])}
    path.write_text("time,A,B\n0,0,\n6,,\n12,31,\n", encoding="utf-8")
    found = read_events_so_far(path, tables)
    assert found["A"].events == (0, None, 31)
    assert found["B"].events == ()
    for text in ("time,A,B\n7,3,\n", "time,A,B\n6,3.5,\n", "time,A,B\n6,9,\n12,8,\n", "time,A\n6,9\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CurveError, match=r"events\.csv"):
            read_events_so_far(path, tables)

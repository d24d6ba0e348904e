"""The workbook, read back by a reader of its own: its formulas give S(t), medians and samples of our fits."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from openpyxl import load_workbook

from survrecon.export.trial import ExportTarget
from survrecon.export.workbook import pooled_working, workbook_times
from survrecon.export.write import export_files
from tests.export.trials import ARMS, JOINT_MODELS, MODELS, Workbook, fits, trial

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def content() -> bytes:
    files = export_files(replace(trial(), fits=fits()), ExportTarget.EXCEL)
    assert "not: the trial's own patients" in str(files["README.txt"])
    content = files["fits.xlsx"]
    assert isinstance(content, bytes)
    return content


@pytest.fixture(scope="module")
def book(content: bytes) -> Workbook:
    return Workbook(io.BytesIO(content))


def columns_of(book: Workbook, sheet: str, head: str) -> list[tuple[int, int]]:
    """Return row and column of every cell that says ``head``."""
    rows = book.book[sheet].iter_rows()
    return [(cell.row, cell.column) for row in rows for cell in row if cell.value == head]


def survival(book: Workbook, sheet: str, block: int, arm: str) -> tuple[list[float], list[float]]:
    """Return times and S(t), by formula, of an arm in a block of a sheet."""
    from openpyxl.utils import get_column_letter

    row, column = columns_of(book, sheet, f"S(t), {arm}")[block]
    times = columns_of(book, sheet, "time, months")
    at = max(c for r, c in times if r == row and c < column)
    places = range(row + 1, row + 1 + workbook_times(trial()).size, 12)
    letters = get_column_letter(at), get_column_letter(column)
    found = [[float(book.value(sheet, f"{letter}{place}")) for place in places] for letter in letters]
    return found[0], found[1]


@pytest.mark.parametrize("model", MODELS)
def test_formulas_give_survival_of_each_arm(model: str, book: Workbook) -> None:
    book.pick(0)
    for arm in ARMS:
        fit = fits().get(model, arm)
        if not fit.identified:
            continue
        times, shown = survival(book, model, 0, arm)
        ours = fit.survival(np.array(times), pooled_working(fit)[0][None])[0]
        assert np.abs(ours - shown).max() < 1e-6


@pytest.mark.parametrize("model", JOINT_MODELS)
def test_formulas_of_a_joint_fit_add_the_arms_coefficient(model: str, book: Workbook) -> None:
    book.pick(0)
    fit = fits().get(model, "joint")
    for arm in ARMS:
        times, shown = survival(book, model, -1, arm)
        ours = fit.survival(np.array(times), pooled_working(fit)[0][None], arm)[0]
        assert np.abs(ours - shown).max() < 1e-6


def test_a_sample_that_is_picked_moves_every_curve(book: Workbook) -> None:
    fit = fits().get("weibull", ARMS[0])
    mean, total = pooled_working(fit)
    z = np.random.default_rng(0).standard_normal((trial().samples, mean.size))
    for sample in (1, 20):
        book.pick(sample)
        times, shown = survival(book, "weibull", 0, ARMS[0])
        theta = mean + np.linalg.cholesky(total) @ z[sample - 1]
        assert fit.survival(np.array(times), theta[None])[0] == pytest.approx(shown, abs=1e-9)
    book.pick(0)


def test_the_factor_is_that_of_sampling_and_reading_together(book: Workbook) -> None:
    fit = fits().get("lognormal", ARMS[1])
    within = fit.pooled_covariance().mean(axis=0)
    total = pooled_working(fit)[1]
    between = (1 + 1 / 4) * np.cov(fit.theta[1:], rowvar=False)
    assert total == pytest.approx(within + between, rel=1e-12)
    row, column = columns_of(book, "lognormal", "Cholesky factor L of the total covariance")[1]
    sheet = book.book["lognormal"]
    factor = np.array([[sheet.cell(row + 1 + i, column + j).value for j in range(2)] for i in range(2)], dtype=float)
    assert factor @ factor.T == pytest.approx(total, abs=1e-12)
    assert factor[0, 1] == 0


def test_the_median_of_its_curve_is_ours(book: Workbook) -> None:
    from openpyxl.utils import get_column_letter

    book.pick(0)
    fit = fits().get("weibull", ARMS[0])
    row, column = columns_of(book, "weibull", "working")[0]
    natural = get_column_letter(column + 4)
    scale, shape = (float(book.value("weibull", f"{natural}{row + 1 + k}")) for k in range(2))
    median = scale * np.log(2) ** (1 / shape)
    assert fit.survival(np.array([median]), pooled_working(fit)[0][None])[0, 0] == pytest.approx(0.5, abs=1e-12)


def test_values_that_programs_show_before_they_calculate_are_those_of_the_formulas(
    content: bytes, book: Workbook
) -> None:
    shown = load_workbook(io.BytesIO(content), data_only=True)
    book.pick(0)
    for sheet in ("gengamma", "rp-hazard-1", "cure-nonmixture-lognormal"):
        formulas = [
            cell.coordinate
            for row in book.book[sheet].iter_rows()
            for cell in row
            if isinstance(cell.value, str) and cell.value.startswith("=")
        ]
        for cell in formulas[::29]:
            assert book.value(sheet, cell) == pytest.approx(shown[sheet][cell].value, abs=1e-7), (sheet, cell)


def test_it_says_what_it_is(content: bytes) -> None:
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames[:2] == ["README", "Control"]
    told = [row[0].value or "" for row in book["README"].iter_rows()]
    assert told[0].startswith("Study A trial, endpoint overall survival")
    assert any("not: the trial's own patients" in line for line in told)
    assert any("Different models are alternatives" in line for line in told)


@pytest.mark.parametrize("q", [0.0009, -0.0009, 0.0])
def test_a_generalised_gamma_near_the_log_normal_is_told_by_its_expansion(q: float, book: Workbook) -> None:
    from scipy.special import gammaincc, ndtr

    from survrecon.export.workbook import survival_formula

    cells = {"mu": "(2.0)", "sigma": "(0.9)", "Q": f"({q})"}
    model = fits().get("gengamma", ARMS[0]).model
    for time in (0.5, 3.0, 8.0, 40.0):
        shown = book.evaluated("gengamma", survival_formula(model, cells, [], f"({time})")[1:])
        w = (np.log(time) - 2.0) / 0.9
        upper = gammaincc(q**-2, np.exp(q * w) / q**2) if q else ndtr(-w)
        assert shown == pytest.approx(upper if q >= 0 else 1 - upper, abs=1e-6)


def test_python_hands_over_too(tmp_path: Path) -> None:
    import survrecon
    from survrecon.files.ipd_csv import write_patients

    run = tmp_path / "run"
    run.mkdir()
    write_patients(run / "ipd.csv", list(trial().central.values()))
    written = survrecon.hand_over(run, "multinma", tmp_path / "out")
    assert [path.name for path in written] == ["README.txt", "central.csv", "loop.R"]
    assert "There is one data set" in written[0].read_text(encoding="utf-8")
    with pytest.raises(survrecon.SurvreconError, match="to=: one of multinma"):
        survrecon.hand_over(run, "stata", tmp_path / "other")

"""What a refused figure leaves behind: picture, readings and doubts, never half a result or somebody's loss."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from survrecon.errors import DigitizingError, MissingPatientsError, RecordError, SurvreconError
from survrecon.running.batch import batch
from survrecon.running.figure import digitize_to_records, run_figure
from tests.digitizing.rendered import Look, Rendered, render, simulate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    rng = np.random.default_rng(5)
    arms = [simulate(rng, "Placebo", 90, median=10), simulate(rng, "Nivolumab", 95, median=16)]
    return render(tmp_path_factory.mktemp("figure") / "figure.svg", arms, Look())


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    path = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 300, 3), dtype=np.uint8)).save(path)
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_picture_without_axes(noise: Path, tmp_path: Path) -> None:
    with pytest.raises(DigitizingError) as error:
        digitize_to_records(noise, tmp_path / "out", {"text": False})
    assert error.value.left_in == tmp_path / "out"
    assert names(tmp_path / "out") == {"overlay.png", "readings.csv", "record.json"}
    with pytest.raises(DigitizingError):  # the same call replaces its own
        digitize_to_records(noise, tmp_path / "out", {"text": False})


def test_a_run_without_numbers_of_patients(drawn: Rendered, tmp_path: Path) -> None:
    with pytest.raises(MissingPatientsError) as error:
        run_figure(drawn.path, tmp_path / "out", {}, {})
    assert error.value.left_in == tmp_path / "out"
    assert names(tmp_path / "out") == {"overlay.png", "readings.csv", "run.json"}
    rows = list(csv.DictReader((tmp_path / "out" / "readings.csv").read_text().splitlines()))
    assert ("number of curves", "2") in {(row["what"], row["read"]) for row in rows}
    [result] = run_figure(drawn.path, tmp_path / "out", {"n": {"Placebo": 90, "Nivolumab": 95}}, {"draws": 10})
    assert len(result.arms) == 2
    assert {"ipd.csv", "figure.toml"} <= names(tmp_path / "out")


def test_an_option_that_is_wrong_of_a_figure_that_was_read(drawn: Rendered, tmp_path: Path) -> None:
    with pytest.raises(SurvreconError, match="the name of an arm") as error:
        digitize_to_records(drawn.path, tmp_path / "out", {"control": "Drug"})
    assert isinstance(error.value, RecordError)
    assert error.value.left_in == tmp_path / "out"


def test_a_finished_result_stays_and_the_picture_goes_beside_it(drawn: Rendered, tmp_path: Path) -> None:
    digitize_to_records(drawn.path, tmp_path / "out", {})
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(SurvreconError) as error:
        digitize_to_records(drawn.path, tmp_path / "out", {"arms": 3})
    assert error.value.left_in == tmp_path / "out_refused"
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_somebody_elses_folder_is_left_alone(noise: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(SurvreconError) as error:
        digitize_to_records(noise, tmp_path / "out", {"text": False})
    assert error.value.left_in is None
    assert names(tmp_path / "out") == {"notes.txt"}


def test_the_command_says_what_it_found_and_how_to_go_on(
    drawn: Rendered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from survrecon.cli import main

    call = ["survrecon", "run", str(drawn.path), "-o", str(tmp_path / "out")]
    monkeypatch.setattr("sys.argv", call)
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    said = capfd.readouterr().err
    assert "What was found so far" in said
    assert (
        said.splitlines()[-1]
        == f"survrecon run {drawn.path} -o {tmp_path / 'out'} --n Placebo=NUMBER --n Nivolumab=NUMBER"
    )


def test_a_row_of_a_batch_keeps_its_picture(drawn: Rendered, tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text(f"id,figure\na,{drawn.path}\n")
    (row,) = batch(tmp_path / "manifest.csv", tmp_path / "out", jobs=1)
    assert "Placebo=NUMBER,Nivolumab=NUMBER in column n" in row.error
    assert {"overlay.png", "readings.csv"} <= names(tmp_path / "out" / "a")
    (tmp_path / "manifest.csv").write_text(f'id,figure,n\na,{drawn.path},"Placebo=90,Nivolumab=95"\n')
    (row,) = batch(tmp_path / "manifest.csv", tmp_path / "out", jobs=1, draws=10)
    assert (row.error, row.grade) == ("", "good")

"""A printed restricted mean is checked against the rebuilt patients, and builds no curve."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon import run_record
from survrecon.errors import ConstraintError
from survrecon.records.folder import catalogue_folder, read_document
from survrecon.report.catalogue import catalogue_to_dict

if TYPE_CHECKING:
    from pathlib import Path

    from survrecon.checks.results import RecordResult


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A summary record whose paper would also print the area under one arm's curve up to 36 months."""
    made = tmp_path_factory.mktemp("record") / "quiredex_ttp_2012-10"
    shutil.copytree(catalogue_folder() / "quiredex_ttp_2012-10", made)
    fact = 'quantity = "restricted_mean"\narm = "observation"\nat = 36\nvalue = 22.0\ndecimals = 1\n'
    with (made / "figure.toml").open("a") as toml:
        toml.write(f'\n[[published]]\n{fact}place = "made up for this test"\nsource = "mateos-2013"\n')
    return made


@pytest.fixture(scope="module")
def result(folder: Path) -> RecordResult:
    return run_record(folder, draws=20)


def test_it_is_a_check_with_a_hundredth_of_its_time_as_margin(result: RecordResult) -> None:
    """The area under the curves of the draws, summed over a thousand points."""
    (check,) = [check for check in result.checks if check.quantity == "restricted_mean"]
    at = (np.arange(1000) + 0.5) * 36 / 1000
    arm = next(arm for arm in result.arms if arm.name == "observation")
    area = np.mean([draw.survival_at(at).mean() * 36 for draw in arm.draws])
    assert check.margin == pytest.approx(0.36)
    assert check.obtained == pytest.approx(area, abs=0.05)


def test_its_time_is_that_of_the_contrast_too(result: RecordResult) -> None:
    found = result.comparisons[0].rmst_difference
    assert (found.tau, found.rule) == (36, "as the paper prints")


def test_it_builds_nothing(result: RecordResult) -> None:
    plain = run_record("quiredex_ttp_2012-10", draws=20)
    assert [arm.median for arm in result.arms] == [arm.median for arm in plain.arms]


def test_the_catalogue_counts_it(folder: Path) -> None:
    (row,) = catalogue_to_dict({"quiredex": read_document(folder)})
    assert row["checks"].endswith("restricted mean")


def test_it_is_no_constraint(folder: Path) -> None:
    with pytest.raises(ConstraintError, match="names out of hr"):
        run_record(folder, draws=20, use=("restricted_mean",))

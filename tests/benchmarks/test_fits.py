"""The benchmark of fits runs, on a little of what it measures."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from benchmarks import fits
from benchmarks.limited import peak_megabytes


def test_names_of_the_reference() -> None:
    names = ("exp", "rp_odds_2", "mcure_weibull", "nmcure_lnorm")
    assert [fits.our_name(name) for name in names] == [
        "exponential", "rp-odds-2", "cure-mixture-weibull", "cure-nonmixture-lognormal",
    ]  # fmt: skip


@pytest.mark.slow
def test_fits_to_draws_stay_far_below_what_is_allowed() -> None:
    """200 draws of eight models in two arms within 15 s and 1 GB: a tenth of the draws here."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:  # memory is that of a whole process
        seconds, memory = alone.submit(fits.speed, 20).result()
    assert seconds < 5
    assert memory < 1


@pytest.mark.slow
def test_memory_is_that_of_a_process_and_not_of_the_one_that_started_it() -> None:
    held = np.ones(64 * 2**20)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        assert alone.submit(peak_megabytes).result() < held.nbytes / 2**20 <= peak_megabytes()


@pytest.mark.slow
def test_small_sets_fail_with_words_and_are_never_below_others() -> None:
    found = fits.small_samples(3, ("exponential", "weibull", "lognormal", "loglogistic", "gamma"))
    assert found["said"].all()
    assert found[found["identified"]]["others"].max() < 1e-3


@pytest.mark.slow
def test_a_trial_of_the_coverage() -> None:
    rows = fits.coverage(1, 5, fits.truths()[:1])
    assert len(rows) == 5
    assert set(rows["program"]) == {"true patients", "draws", "Guyot's data set"}

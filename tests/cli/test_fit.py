"""The command ``fit``: its tables, its words, and what it refuses."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.files.external import read_cohort, read_external, read_life_table
from survrecon.files.ipd_csv import write_draws, write_patients
from survrecon.model.external import Sex
from survrecon.model.ipd import PseudoIPD
from tests.cli.conftest import Call, refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def arm(name: str, scale: float, seed: int) -> PseudoIPD:
    rng = np.random.default_rng(seed)
    times, end = rng.weibull(1.3, 60) * scale, rng.uniform(15, 30, 60)
    return PseudoIPD(time=np.minimum(times, end), event=times <= end, arm=name)


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """Two arms with twelve draws beside them."""
    arms = [arm("placebo", 12, 1), arm("drug", 20, 2)]
    draws = {one.arm: [PseudoIPD(time=one.time * f, event=one.event, arm=one.arm) for f in np.linspace(0.97, 1.03, 12)]
             for one in arms}  # fmt: skip
    write_draws(tmp_path / "ipd_draws.csv", draws)
    (tmp_path / "ipd.json").write_text(
        json.dumps({"time_unit": "months", "endpoint": "overall survival", "files": ["ipd.csv", "ipd_draws.csv"]})
    )
    return write_patients(tmp_path / "ipd.csv", arms)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_tables_of_the_interface(survrecon: Callable[..., Call], patients: Path, tmp_path: Path) -> None:
    out = tmp_path / "fits"
    words = ("--models", "exponential,rp-hazard-1", "--joint", "--horizon", 60, "--at", "12,24", "--bootstraps", 10)
    call = survrecon("fit", patients, *words, "-o", out)
    assert call.status == 0, call.err
    assert "draws: ipd_draws.csv, which lies beside ipd.csv" in call.err
    assert "not the probability of the model" in call.out
    assert "range of the means over models" in call.out

    fits = rows(out / "fits.csv")
    assert list(fits[0])[:7] == ["arm", "model", "data_set", "loglik", "aic", "bic", "identified"]
    assert {row["arm"] for row in fits} == {"placebo", "drug", "joint"}
    assert [row["data_set"] for row in fits[:13]] == ["central", *map(str, range(1, 13))]
    assert {row["identified"] for row in fits} == {"yes"}

    parameters = rows(out / "parameters.csv")
    assert list(parameters[0]) == ["arm", "model", "data_set", "parameter", "estimate", "se"]
    joint = [row["parameter"] for row in parameters if (row["arm"], row["data_set"]) == ("joint", "central")]
    assert joint == ["rate", "arm", "gamma0", "gamma1", "gamma2", "arm"]

    told = rows(out / "extrapolation.csv")
    assert list(told[0])[:9] == [
        "arm", "model", "time", "quantity", "value", "low", "high", "se_sampling", "se_reconstruction",
    ]  # fmt: skip
    assert {row["quantity"] for row in told} == {"survival", "hazard", "milestone", "rmst", "mean", "median"}
    assert {row["model"] for row in told if row["arm"] == "drug"} == {
        "exponential", "rp-hazard-1", "exponential (joint)", "rp-hazard-1 (joint)",
    }  # fmt: skip
    assert any(row["caution"] for row in told)

    pooled = {(row["arm"], row["model"], row["parameter"]): row for row in rows(out / "pooled_parameters.csv")}
    ratio = pooled["joint", "exponential", "arm"]
    assert ratio["scale"] == "identity"
    assert float(ratio["low"]) < float(ratio["value"]) < float(ratio["high"]) < 0
    assert pooled["drug", "exponential", "rate"]["scale"] == "log"

    differences = rows(out / "differences.csv")
    assert [row["model"] for row in differences] == [
        "exponential", "rp-hazard-1", "exponential (joint)", "rp-hazard-1 (joint)",
    ]  # fmt: skip
    assert {(row["of"], row["over"], row["time"]) for row in differences} == {("drug", "placebo", "60")}
    assert all(float(row["low"]) < float(row["value"]) < float(row["high"]) for row in differences)

    facts = json.loads((out / "fit.json").read_text())
    assert facts["horizon"] == 60
    assert facts["arm_coefficient"] == {"exponential": "log hazard ratio", "rp-hazard-1": "log hazard ratio"}
    assert set(facts["inputs_sha256"]) == {"ipd.csv", "ipd_draws.csv"}
    assert len(facts["log_knots"]["rp-hazard-1, joint"]) == 3


@pytest.mark.slow
def test_the_same_call_replaces_its_own_output_alone(
    survrecon: Callable[..., Call], patients: Path, tmp_path: Path
) -> None:
    fit = ("fit", patients, "--models", "exponential", "--bootstraps", 0, "-o", tmp_path / "out")
    assert survrecon(*fit).status == survrecon(*fit).status == 0
    (tmp_path / "out" / "fits.csv").write_text("changed")
    refused(survrecon(*fit), "changed or put there by someone else: fits.csv")


def test_a_runs_folder_and_no_draws(survrecon: Callable[..., Call], patients: Path) -> None:
    folder = patients.parent
    (folder / "ipd_draws.csv").unlink()
    call = survrecon("fit", folder, "--models", "weibull", "--bootstraps", 0, "--json")
    assert call.status == 0, call.err
    told = json.loads(call.out)
    assert [one["model"] for one in told["models"]] == ["weibull", "weibull"]
    assert {one["quantity"] for one in told["extrapolation"]} == {"mean", "median"}
    assert told["parameters"][0]["se_reconstruction"] is None
    assert "no draws (ipd_draws.csv)" in call.err
    assert {row["data_set"] for row in rows(folder / "fits" / "fits.csv")} == {"central"}
    assert all(row["se_reconstruction"] == "" for row in rows(folder / "fits" / "extrapolation.csv"))


def life_table(folder: Path) -> Path:
    lines = [f"{age},{sex},2015,{min(1, 1e-4 * 1.1**age):.6f}" for age in range(101) for sex in ("F", "male")]
    path = folder / "life.csv"
    path.write_text("age,sex,year,qx\n" + "\n".join(lines) + "\n")
    return path


def test_a_life_table_is_a_floor(survrecon: Callable[..., Call], patients: Path, tmp_path: Path) -> None:
    words = ("--models", "lognormal", "--horizon", 480, "--bootstraps", 0, "-o", tmp_path / "out")
    people = ("--mean-age", 60, "--sd-age", 8, "--male", 0.5, "--start-year", 2015)
    call = survrecon("fit", patients, *words, "--life-table", life_table(tmp_path), *people)
    assert call.status == 0, call.err
    assert "binds in" in call.out
    assert "mortality of 2015 is taken for every year" in call.err
    facts = json.loads((tmp_path / "out" / "fit.json").read_text())
    assert facts["population_use"] == "floor"
    assert facts["floor"]["lognormal, drug"]["share"] > 0.1


@pytest.mark.slow
def test_excess_hazards_by_the_command(survrecon: Callable[..., Call], patients: Path, tmp_path: Path) -> None:
    people = ("--mean-age", 60, "--sd-age", 8, "--male", 0.5, "--start-year", 2015, "--population-use", "excess")
    words = ("--models", "weibull", "--bootstraps", 0, "--life-table", life_table(tmp_path), "-o", tmp_path / "out")
    excess = survrecon("fit", patients, *words, *people)
    assert excess.status == 0, excess.err
    facts = json.loads((tmp_path / "out" / "fit.json").read_text())
    assert "in excess of the general population's" in facts["likelihood"]


def test_what_goes_with_a_life_table(survrecon: Callable[..., Call], patients: Path, tmp_path: Path) -> None:
    table = life_table(tmp_path)
    fit = ("fit", patients, "--models", "exponential", "-o", tmp_path / "out")
    refused(survrecon(*fit, "--male", 0.5), "--male: a life table that it goes with; got no --life-table")
    refused(survrecon(*fit, "--population-use", "floor"), "--population-use: a life table")
    refused(survrecon(*fit, "--life-table", table), "the year of the start (--start-year YEAR)")
    refused(survrecon(*fit, "--life-table", table, "--start-year", 2015, "--male", 1), "--mean-age, --sd-age, --male")
    people = ("--start-year", 2015, "--male", 1, "--mean-age", 60, "--sd-age", 5)
    progression = (*fit, "--life-table", table, *people, "--endpoint", "time to progression")
    refused(survrecon(*progression), "every death is an event")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--models", "weibul"), "--models: all, standard, or some of"),
        (("--control", "nobody"), "--control: one of placebo, drug"),
        (("--horizon", "10", "--at", "12", "--models", "exponential"), "up to the horizon, 10"),
        (("--entry", "12"), "--entry: a time before all events and censorings"),
    ],
)
def test_options_that_cannot_be(
    survrecon: Callable[..., Call], patients: Path, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    refused(survrecon("fit", patients, *words, "-o", tmp_path / "out"), says)


def test_a_folder_without_patients(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    refused(survrecon("fit", tmp_path), "a run's folder, with ipd.csv; got no ipd.csv")


def test_visits_are_offered_and_said(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    monthly = np.ceil(rng.exponential(8, 80))
    one = PseudoIPD(time=np.minimum(monthly, 20), event=monthly <= 20, arm="drug")
    path = write_patients(tmp_path / "p.csv", [one])
    fit = ("fit", path, "--models", "exponential", "--bootstraps", 5, "-o", tmp_path / "out")
    call = survrecon(*fit)
    assert "drug: events lie at multiples of 1 time units, as at visits; --visit-gap 1 has" in " ".join(
        call.err.split()
    )
    call = survrecon(
        "fit", path, "--models", "exponential", "--visit-gap", 1, "--bootstraps", 5, "-o", tmp_path / "out"
    )
    assert call.status == 0, call.err
    assert "at multiples" not in call.err
    facts = json.loads((tmp_path / "out" / "fit.json").read_text())
    assert facts["likelihood"] == "events between two visits, 1 apart"


@pytest.mark.slow
def test_external_points_join_the_milestones_by_the_command(
    survrecon: Callable[..., Call], patients: Path, tmp_path: Path
) -> None:
    (tmp_path / "registry.csv").write_text("time,survival,arm\n48,0.2,drug\n")
    out = tmp_path / "out"
    call = survrecon(
        "fit", patients, "--models", "weibull", "--horizon", 60, "--bootstraps", 0, "--external",
        tmp_path / "registry.csv", "--control", "drug", "-o", out,
    )  # fmt: skip
    assert call.status == 0, call.err
    told = rows(out / "extrapolation.csv")
    assert told[0]["arm"] == "drug"
    assert {row["time"] for row in told if row["quantity"] == "milestone"} == {"48"}


def test_external_points_and_a_cohort(survrecon: Callable[..., Call], patients: Path, tmp_path: Path) -> None:
    (tmp_path / "registry.csv").write_text("time,survival,arm\n48,0.2,other\n")
    odd = survrecon("fit", patients, "--external", tmp_path / "registry.csv", "-o", tmp_path / "out")
    refused(odd, "--external: arms placebo, drug")
    (tmp_path / "cohort.csv").write_text("age,sex,share\n60,M,2\n70.5,women,1\n")
    cohort = read_cohort(tmp_path / "cohort.csv", 2015)
    assert cohort.shares.tolist() == pytest.approx([2 / 3, 1 / 3])
    assert cohort.sexes == (Sex.MALE, Sex.FEMALE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("age,sex,qx\n0,F,0.1\n", "line 1: a column year"),
        ("age,sex,year,qx,lx\n0,F,2015,0.1,1\n", "line 1: no columns but"),
        ("age,sex,year,qx\n", "rows below the header"),
        ("age,sex,year,qx\n0,F,2015,1.2\n", "line 2: qx from 0 to 1"),
        ("age,sex,year,qx\n0,x,2015,0.1\n", "line 2: sex is female or male"),
        ("age,sex,year,qx\n0.5,F,2015,0.1\n", "line 2: whole years"),
        ("age,sex,year,qx\n0,F,2015,0.1\n0,f,2015,0.2\n", "line 3: each age, sex and year once"),
        ("age,sex,year,qx\n0,F,2015,0.1\n2,F,2015,0.2\n", "every age from the first to the last; got none after 0"),
        ("age,sex,year,qx\n0,F,2015,0.1\n0,M,2016,0.2\n", "a row of every age, sex and year"),
        ("age,sex,year,qx\n0,F,2015\n", "line 2: a cell of qx"),
    ],
)
def test_life_tables_that_cannot_be(tmp_path: Path, text: str, says: str) -> None:
    from survrecon.errors import AnalysisError

    (tmp_path / "life.csv").write_text(text)
    with pytest.raises(AnalysisError) as raised:
        read_life_table(tmp_path / "life.csv")
    assert says in str(raised.value)


def test_external_points_that_cannot_be(tmp_path: Path) -> None:
    from survrecon.errors import AnalysisError

    (tmp_path / "points.csv").write_text("time,survival,low,high\n60,0.4,0.5,\n")
    with pytest.raises(AnalysisError, match="line 2: survival between low and high"):
        read_external(tmp_path / "points.csv")

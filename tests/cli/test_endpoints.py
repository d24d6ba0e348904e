"""The command ``endpoints``: what it writes and prints, what it refuses, and the page of a trial in ``reproduce``."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon import pair_endpoints, read_figure
from survrecon.analysis.comparison import summarize_arm
from survrecon.checks.cutoffs import JointAnalysis
from survrecon.checks.results import RecordResult
from survrecon.errors import AnalysisError
from survrecon.files.ipd_csv import write_draws, write_patients
from survrecon.model.ipd import PseudoIPD
from survrecon.running.after.endpoints import write_endpoint_pages
from tests.cli.conftest import Call, refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PFS, OS = "ifm-2005-02_pfs_2011-10", "ifm-2005-02_os_2011-10"


def followed(name: str, n: int, seed: int) -> tuple[PseudoIPD, PseudoIPD]:
    rng = np.random.default_rng(seed)
    first = rng.exponential(8, n)
    last, end = first + rng.exponential(12, n), rng.uniform(15, 40, n)
    both = [PseudoIPD(time=np.minimum(t, end), event=t <= end, arm=name) for t in (first, last)]
    return both[0], both[1]


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    """The folders of two runs, each with three draws."""
    arms = [followed("placebo", 40, 1), followed("drug", 40, 2)]
    folders = []
    for side, name in enumerate(("pfs", "os")):
        folder = tmp_path / name
        folder.mkdir()
        central = [arm[side] for arm in arms]
        write_patients(folder / "ipd.csv", central)
        drawn = {one.arm: [replace(one, time=one.time * f) for f in (0.99, 1.0, 1.02)] for one in central}
        write_draws(folder / "ipd_draws.csv", drawn)
        folders.append(folder)
    return folders


@pytest.mark.slow
def test_two_runs(survrecon: Callable[..., Call], runs: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "both"
    models = ("--pfs-model", "weibull", "--os-model", "exponential", "--samples", "30", "--horizon", "60", "--cap")
    call = survrecon("endpoints", *runs, "-o", out, "--tau", "14", *models)
    assert call.status == 0, call.err
    assert "Mean time alive with progression up to 14" in call.out
    assert "held at overall survival" in call.out
    written = {path.name for path in out.iterdir()}
    assert {"endpoints.html", "endpoints.csv", "time_progressed.csv", "pairs.csv", "samples.csv"} <= written
    assert (out / "pairs.csv").read_text().startswith("pair,pfs_draw,os_draw\n1,1,")
    samples = list(csv.DictReader((out / "samples.csv").read_text().splitlines()))
    assert {row["parameter"] for row in samples} == {"shape", "scale", "rate"}
    assert len(samples) == 30 * 3 * 2
    page = (out / "endpoints.html").read_text()
    assert "<h2>Alive with progression</h2>" in page
    assert "http" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    )
    again = survrecon("endpoints", *runs, "-o", out, "--json")
    assert again.status == 0
    found = json.loads(again.out)
    assert [arm["name"] for arm in found["arms"]] == ["placebo", "drug"]
    assert {row["dependence"] for row in found["time_progressed"]} == {"likely", "by-rank", "least", "independent"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((OS, PFS), "overall survival as the second endpoint; got progression-free survival. What to do: exchange"),
        ((PFS, "ifm-2005-02_os_2010-07"), "data cut-off: the same; got 2011-10-01 and 2010-07"),
        ((PFS, PFS), "overall survival as the second endpoint"),
        ((OS, OS), "progression-free survival as the first endpoint"),
        (("mm010_ttp_2008-03", "mm010_os_2008-03"), "time to progression counts deaths as censored"),
        ((PFS, "quiredex_os-from-inclusion_2012-10"), "trial: the same; got IFM 2005-02 and "),
        ((PFS, OS, "--cap"), "--cap: an option that goes with --pfs-model and --os-model; got neither"),
        ((PFS, OS, "--os-model", "weibull"), "--pfs-model: a model for both endpoints, or for none; got one"),
        ((PFS, "nowhere"), "nowhere: a folder with figure.toml, or the name of a catalogue record; got neither"),
    ],
)
def test_what_is_refused(survrecon: Callable[..., Call], words: tuple[str, ...], says: str) -> None:
    refused(survrecon("endpoints", *words), says)


def test_folders_that_are_no_runs(survrecon: Callable[..., Call], runs: list[Path], tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    refused(survrecon("endpoints", empty, runs[1]), "a run's folder, with ipd.csv")
    refused(survrecon("endpoints", runs[1], runs[0]), "exchange the two")


def made_up(record: str, arms: list[PseudoIPD]) -> RecordResult:
    """A result of a record without its long way: joint draws of patients that were made up."""
    joint = JointAnalysis(other="another", own_draws={one.arm: [one, one] for one in arms})
    return RecordResult(
        record=read_figure(record), reconstructions={}, arms=tuple(map(summarize_arm, arms)), comparisons=(), checks=(),
        joint=joint,
    )  # fmt: skip


def test_joint_draws_are_taken_and_a_trial_gets_its_page(tmp_path: Path) -> None:
    arms = [followed(name, 307, seed) for seed, name in enumerate(("placebo", "lenalidomide"))]
    results = [made_up(record, [arm[side] for arm in arms]) for side, record in enumerate((PFS, OS))]
    found = pair_endpoints(*results)
    assert found.trial == "IFM 2005-02"
    assert len(found.arms[0].pfs.draws) == 2
    assert sum("joined with the later cut-off" in note for note in found.notes) == 2
    assert write_endpoint_pages(results, tmp_path) == {"IFM 2005-02": "ifm_2005_02_endpoints.html"}
    page = (tmp_path / "ifm_2005_02_endpoints.html").read_text()
    assert "IFM 2005-02: progression-free and overall survival" in page
    assert "built from printed numbers" in page
    assert write_endpoint_pages(results[:1], tmp_path) == {}


def test_curves_that_are_nobody_s() -> None:
    arms = [followed(name, 307, seed) for seed, name in enumerate(("placebo", "lenalidomide"))]
    pfs, os = (made_up(record, [arm[side] for arm in arms]) for side, record in enumerate((PFS, OS)))
    told = pfs.record.document
    naive = told.model_copy(update={"analysis": told.analysis.model_copy(update={"naive": "patients enter late"})})
    late = replace(pfs, record=replace(pfs.record, document=naive))
    with pytest.raises(AnalysisError, match=r"an ordinary Kaplan-Meier curve, of patients; got patients enter late"):
        pair_endpoints(late, os)
    with pytest.raises(AnalysisError, match=r"time_slack=: a time from 0; got -1"):
        pair_endpoints(pfs, os, time_slack=-1)

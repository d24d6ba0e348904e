"""Parametric fits: against R's flexsurv, against other programs on small samples, their speed and their coverage.

    python -m benchmarks.fits [FOLDER] [--speed] [--small] [--coverage TRIALS] [--best CASES] [--draws 200]

FOLDER holds ``flexsurv_reference.csv`` and the data sets it is of. ``--small`` fits 54 small, heavily censored subsets
of lifelines' data sets and compares the log likelihood with lifelines' and scipy's, and with the best of forty searches
of our own from random starts. ``--coverage`` simulates trials of
five known distributions and asks how often the interval of the mean to twice the follow-up holds the truth.
``--best`` asks in which share of draws the model that the true patients prefer is within 2 of the best AIC.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.digitized import read_cases
from benchmarks.limited import peak_megabytes
from benchmarks.options import first_line
from benchmarks.readers import read_arm
from benchmarks.results import markdown_table
from survrecon.analysis.comparison import ArmData
from survrecon.analysis.fits.extrapolate import extrapolate
from survrecon.analysis.fits.fit import fit_arms
from survrecon.analysis.fits.likelihood import data_sets_of
from survrecon.analysis.fits.maximise import maximise
from survrecon.analysis.fits.models import ALL_MODELS, STANDARD_MODELS
from survrecon.model.curve import RiskTable
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.reconstruct import reconstruct

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.cases import Case
    from survrecon.analysis.fits.results import ModelFit
    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import Reconstruction

__all__ = ["against_reference", "coverage", "main", "small_samples", "speed"]

_NAMES = {"exp": "exponential", "lnorm": "lognormal", "llogis": "loglogistic"}
_BELOW, _WITHIN = 1e-4, 1e-3  # log likelihood
_OF_SE, _RELATIVE = 0.02, 1e-3  # of a parameter
_SPEED_MODELS = (*STANDARD_MODELS, "rp-hazard-2")
_MONTH = 30.4375  # days
_RANDOM_STARTS, _FAR, _SPREADS = 40, (0.5, 1.5, 3.0), (0.05, 4.0)
"""Searches from random starts: how many, how many spreads away, least and largest variance of a spread."""


def our_name(reference: str) -> str:
    """Return our name of a model of the reference.

    >>> our_name("rp_odds_2"), our_name("nmcure_lnorm"), our_name("exp")
    ('rp-odds-2', 'cure-nonmixture-lognormal', 'exponential')
    """
    kind, _, of = reference.partition("_")
    if kind == "rp":
        return reference.replace("_", "-")
    if kind in ("mcure", "nmcure"):
        return f"cure-{'mixture' if kind == 'mcure' else 'nonmixture'}-{_NAMES.get(of, of)}"
    return _NAMES.get(reference, reference)


def _arms(path: Path) -> list[PseudoIPD]:
    found = pd.read_csv(path)
    groups = [found[found["arm"] == arm] for arm in (0, 1)]
    return [_patients(g, str(arm)) for arm, g in enumerate(groups)]


def _patients(found: pd.DataFrame, arm: str) -> PseudoIPD:
    return PseudoIPD(time=found["time"].to_numpy(float), event=found["event"].to_numpy(bool), arm=arm)


def against_reference(folder: Path) -> pd.DataFrame:
    """Return one row a model, arm and data set: how far log likelihood and parameters are from the reference's."""
    reference = pd.read_csv(folder / "flexsurv_reference.csv")
    rows = []
    for name, of_set in reference.groupby("ds", sort=False):
        models = [our_name(model) for model in of_set["model"].unique()]
        fits = fit_arms(_arms(folder / f"{name}.csv"), models=models, joint=True)
        for (arm, model), wanted in of_set.groupby(["arm", "model"], sort=False):
            fit = fits.get(our_name(str(model)), str(arm))
            assert fit.parameter_names == tuple(wanted["par"]), (model, fit.parameter_names)
            tolerance = _tolerance(fit, wanted)
            off = np.abs(fit.estimates[0] - wanted["est"].to_numpy()) / tolerance
            more = float(fit.log_likelihood[0] - wanted["loglik"].iloc[0])
            rows.append(
                {
                    "set": name, "arm": arm, "model": fit.name, "identified": fit.identified, "loglik": more,
                    "parameters": float(off.max()), "reason": fit.identification.reason,
                    # a higher likelihood has other parameters, and is right
                    "passed": more > -_BELOW and (off.max() <= 1 or more > _WITHIN),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _tolerance(fit: ModelFit, wanted: pd.DataFrame) -> FloatArray:
    """Return how far a parameter may be off: of the reference's SE, or of ours where it has none."""
    errors = np.where(wanted["se"].isna(), fit.standard_errors[0], wanted["se"])
    return np.asarray(np.fmax(_OF_SE * errors, _RELATIVE * np.abs(wanted["est"])))


def _show_reference(folder: Path) -> None:
    found = against_reference(folder)
    told = found[found["identified"]]
    print(f"identified fits: {len(told)} of {len(found)}; within the bars: {int(told['passed'].sum())}")
    print(f"log likelihood less the reference's: {told['loglik'].min():.1e} to {told['loglik'].max():.1e}")
    print(f"largest difference of a parameter, in tolerances: {told['parameters'].max():.2f}")
    rest = found[~found["identified"] | ~found["passed"]]
    columns = ["set", "arm", "model", "identified", "loglik", "parameters", "reason"]
    rows = [[f"{v:.2g}" if isinstance(v, float) else str(v) for v in row] for row in rest[columns].to_numpy()]
    print(markdown_table(columns, rows))


def _lifelines_arms(name: str) -> list[PseudoIPD]:
    """Return two arms of a data set that lifelines ships, in months."""
    from lifelines import datasets

    if name == "gbsg2":
        found = datasets.load_gbsg2().rename(columns={"cens": "event"})
        groups = [found[found["horTh"] == arm] for arm in ("no", "yes")]
    else:
        found = datasets.load_lung().rename(columns={"status": "event"})
        groups = [found[found["sex"] == arm] for arm in (1, 2)]
    return [PseudoIPD(time=g["time"] / _MONTH, event=g["event"], arm=f"arm {a}") for a, g in enumerate(groups)]


def speed(draws: int, models: Sequence[str] = _SPEED_MODELS) -> tuple[float, float]:
    """Return the processor time of fits to draws of both arms of GBSG2, in seconds, and the peak memory in GB.

    The draws are bootstraps, which lie further apart than reconstructions do.
    """
    rng = np.random.default_rng(1)
    arms = []
    for central in _lifelines_arms("gbsg2"):
        rows = [rng.integers(0, central.n, central.n) for _ in range(draws)]
        again = tuple(PseudoIPD(time=central.time[row], event=central.event[row], arm=central.arm) for row in rows)
        arms.append(ArmData(central=central, draws=again))
    start = time.process_time()
    fit_arms(arms, models=models)
    return time.process_time() - start, peak_megabytes() / 1024


def _show_speed(draws: int) -> None:
    seconds, memory = speed(draws)
    print(
        f"{draws} draws x {len(_SPEED_MODELS)} models x 2 arms: {seconds:.1f} s of processor, {memory:.2f} GB at most"
    )


def small_sets(count: int = 54) -> list[PseudoIPD]:
    """Return small, heavily censored subsets of lifelines' data sets: 15 to 60 patients, follow-up cut short."""
    rng = np.random.default_rng(7)
    sources = [arm for name in ("gbsg2", "lung") for arm in _lifelines_arms(name)]
    found: list[PseudoIPD] = []
    while len(found) < count:
        source = sources[len(found) % len(sources)]
        rows = rng.choice(source.n, int(rng.integers(15, 61)), replace=False)
        time_, event = source.time[rows], source.event[rows]
        end = float(np.quantile(time_, rng.uniform(0.2, 0.7)))
        one = PseudoIPD(time=np.minimum(time_, end), event=event & (time_ <= end), arm=f"set {len(found) + 1}")
        if one.events >= 4:
            found.append(one)
    return found


def _others(one: PseudoIPD, name: str) -> float:
    """Return the best log likelihood that lifelines and scipy find; -inf where none has the model, or all fail."""
    import lifelines
    from scipy import stats

    best = -np.inf
    fitter = {
        "exponential": lifelines.ExponentialFitter, "weibull": lifelines.WeibullFitter,
        "lognormal": lifelines.LogNormalFitter, "loglogistic": lifelines.LogLogisticFitter,
        "gengamma": lifelines.GeneralizedGammaFitter,
    }.get(name)  # fmt: skip
    known: dict[str, Any] = {
        "exponential": stats.expon, "weibull": stats.weibull_min, "lognormal": stats.lognorm,
        "loglogistic": stats.fisk, "gamma": stats.gamma, "gengamma": stats.gengamma,
    }  # fmt: skip
    data = stats.CensoredData(uncensored=one.time[one.event], right=one.time[~one.event])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            if fitter is not None:
                best = max(best, float(fitter().fit(one.time, one.event).log_likelihood_))
        except Exception as error:  # another program's failure, of whatever kind, is what is counted
            print(f"lifelines, {name}, {one.arm}: {type(error).__name__}", file=sys.stderr)
        try:
            if name in known:
                law = known[name]
                at = law.fit(data, floc=0)
                value = law.logpdf(one.time[one.event], *at).sum() + law.logsf(one.time[~one.event], *at).sum()
                best = max(best, float(value)) if np.isfinite(value) else best
        except Exception as error:
            print(f"scipy, {name}, {one.arm}: {type(error).__name__}", file=sys.stderr)
    return best


def small_samples(count: int = 54, models: Sequence[str] = ALL_MODELS) -> pd.DataFrame:
    """Return one row a set and model: whether it is identified, by how much others and random starts are higher."""
    rows = []
    rng = np.random.default_rng(1)
    for one in small_sets(count):
        for fit in fit_arms([one], models=models).fits:
            others = _others(one, fit.name) if fit.name in STANDARD_MODELS else -np.inf
            sound = bool(fit.converged[0] and np.isfinite(covariance_of_fit(fit)).all())
            rows.append(
                {
                    "set": one.arm, "events": one.events, "model": fit.name, "identified": fit.identified,
                    "others": others - float(fit.log_likelihood[0]),
                    "again": best_of_random_starts(one, fit, rng) - float(fit.log_likelihood[0]),
                    "said": sound or not fit.identified,
                    "reason": fit.identification.reason,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def best_of_random_starts(one: PseudoIPD, fit: ModelFit, rng: np.random.Generator) -> float:
    """Return the highest log likelihood that searches from starts around the fit, near and far, come to."""
    data = data_sets_of([[one]])
    spread = np.sqrt(np.clip(np.nan_to_num(np.diag(fit.theta_covariance[0]), nan=1.0), *_SPREADS))
    far = spread * rng.choice(_FAR, size=(_RANDOM_STARTS, 1))
    starts = fit.theta[0] + rng.normal(size=far.shape) * far
    with np.errstate(all="ignore"):
        found = maximise(fit.model.family, data.repeated(_RANDOM_STARTS), starts)
    return float(np.where(np.isfinite(found.value), found.value, -np.inf).max())


def covariance_of_fit(fit: ModelFit) -> FloatArray:
    """Return the covariance of the central data set."""
    return np.asarray(fit.covariance[0])


def _show_small(count: int) -> None:
    found = small_samples(count)
    told = found[found["identified"]]
    print(f"{count} sets x {found['model'].nunique()} models: {len(told)} of {len(found)} identified")
    print(f"failures that are not said: {int((~found['said']).sum())}")
    compared = told[np.isfinite(told["others"])]
    worst = compared["others"].max()
    print(f"compared with lifelines and scipy: {len(compared)} identified fits; others higher by at most {worst:.1e}")
    print(f"random starts: higher by at most {told['again'].max():.1e} on all {len(told)} identified fits")
    reasons = found[~found["identified"]].groupby(["model"]).size()
    print(reasons.to_string())


@dataclass(frozen=True, kw_only=True)
class Truth:
    """A distribution, and how it is drawn from."""

    model: str
    draw: Callable[[np.random.Generator, int], FloatArray]
    survival: Callable[[FloatArray], FloatArray]


def truths() -> tuple[Truth, ...]:
    """Return five distributions with medians near 15 months."""
    from scipy import stats

    laws = {
        "exponential": stats.expon(scale=22),
        "weibull": stats.weibull_min(1.4, scale=20),
        "lognormal": stats.lognorm(1.0, scale=15),
        "loglogistic": stats.fisk(1.6, scale=15),
        "gamma": stats.gamma(1.7, scale=11),
    }

    def of(name: str, law: Any) -> Truth:
        return Truth(
            model=name,
            draw=lambda rng, n: np.asarray(law.rvs(n, random_state=rng)),
            survival=lambda t: np.asarray(law.sf(t)),
        )

    return tuple(of(name, law) for name, law in laws.items())


def coverage(trials: int, draws: int, of: Sequence[Truth] = ()) -> pd.DataFrame:
    """Return one row a trial, truth and input: whether each program's interval holds the mean, and its width."""
    rows = []
    for truth in of or truths():
        for trial in range(trials):
            rows += _trial(truth, trial, draws)
        print(f"{truth.model} done", file=sys.stderr)
    return pd.DataFrame(rows)


def _trial(truth: Truth, trial: int, draws: int) -> list[dict[str, object]]:
    rng = np.random.default_rng([trial, len(truth.model), 5])
    n = int(rng.integers(100, 301))
    times, left = truth.draw(rng, n), rng.uniform(18, 36, n)
    left = np.where(rng.random(n) < 0.1, rng.uniform(0, 36, n), left)
    patients = PseudoIPD(time=np.minimum(times, left), event=times <= left)
    end = float(patients.time[-1])
    horizon = 2 * end
    grid = np.linspace(0, horizon, 4001)
    mean = float(np.trapezoid(truth.survival(grid), grid))
    points, _ = read_arm(patients, end, float(rng.normal(0, 0.2)), rng)
    printed = np.arange(0, end, 6.0)
    table = RiskTable(time=printed, at_risk=patients.at_risk(printed))
    found: list[tuple[str, str, PseudoIPD | Reconstruction]] = [("true patients", "", patients)]
    for given, risk in (("risk table", table), ("N alone", None)):
        ours = reconstruct(points["trace"], n=n, risk_table=risk, rng=np.random.default_rng(trial))
        guyot = reconstruct(points["trace"], n=n, risk_table=risk, method="guyot")
        found += [("draws", given, ours), ("Guyot's data set", given, guyot.ipd)]
    rows: list[dict[str, object]] = []
    for program, given, data in found:
        fits = fit_arms([data], models=[truth.model], draws=draws)
        if not fits.fits[0].identified:
            rows.append({"truth": truth.model, "program": program, "given": given, "held": None, "width": np.nan})
            continue
        pooled = extrapolate(fits, horizon=horizon).models[0].mean
        low, high = float(pooled.low[0]), float(pooled.high[0])
        rows.append(
            {"truth": truth.model, "program": program, "given": given, "held": low <= mean <= high, "width": high - low}
        )
    return rows


def _show_coverage(trials: int, draws: int) -> None:
    found = coverage(trials, draws)
    told = found.dropna(subset=["held"])
    true_width = told[told["program"] == "true patients"]["width"].mean()
    rows = []
    for (program, given), group in found.groupby(["program", "given"], sort=False):
        known = group.dropna(subset=["held"])
        rows.append(
            [
                str(program), str(given), f"{known['held'].astype(float).mean():.1%}", str(len(known)),
                f"{known['width'].mean() / true_width:.2f}", str(len(group) - len(known)),
            ]
        )  # fmt: skip
    print(f"{trials} trials of each of {found['truth'].nunique()} distributions, {draws} draws")
    print(
        markdown_table(["fitted to", "given", "95% interval holds", "trials", "width / true", "not identified"], rows)
    )
    print("\n95% interval holds, by distribution:\n")
    held = told.assign(held=told["held"].astype(float)).pivot_table(
        index=["program", "given"], columns="truth", values="held", sort=False
    )
    by_truth = [
        [*map(str, labels), *(f"{share:.1%}" for share in shares)]
        for labels, shares in zip(held.index, held.to_numpy(), strict=True)
    ]
    print(markdown_table(["fitted to", "given", *map(str, held.columns)], by_truth))


def best_model(cases: Sequence[Case], draws: int, modes: Sequence[str] = ("trace",)) -> pd.DataFrame:
    """Return one row an arm and input: in which share of draws the true patients' best model is near the best AIC."""
    rows = []
    for case in cases:
        for place, arm in enumerate(case.arms):
            truth = fit_arms([arm.patients], models=STANDARD_MODELS).fits
            best = min((fit for fit in truth if fit.identified), key=lambda fit: float(fit.aic[0])).name
            for mode, (given, risk) in product(modes, (("risk table", arm.table), ("N alone", None))):
                ours = reconstruct(
                    arm.points[mode], n=arm.patients.n, risk_table=risk, rng=np.random.default_rng(0), arm="ours"
                )
                fits = fit_arms([ours], models=STANDARD_MODELS, draws=draws).fits
                every = np.array([fit.aic[1:] for fit in fits if fit.identified or fit.name == best])
                own = next(fit.aic[1:] for fit in fits if fit.name == best)
                near = float((own - every.min(axis=0) <= 2).mean())
                name = f"{case.name} {place}"
                rows.append({"arm": name, "mode": mode, "given": given, "best": best, "near": near})
        print(case.name, file=sys.stderr)
    return pd.DataFrame(rows)


def _show_best(folder: Path, draws: int) -> None:
    found = best_model(read_cases(folder), draws)
    rows = [
        [str(mode), str(given), f"{group['near'].mean():.0%}", f"{(group['near'] >= 0.5).mean():.0%}", str(len(group))]
        for (mode, given), group in found.groupby(["mode", "given"], sort=False)
    ]
    header = ["points", "given", "share of draws within 2 of the best", "arms with at least half of draws", "arms"]
    print(markdown_table(header, rows))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fits", description=first_line(__doc__))
    parser.add_argument("folder", nargs="?", type=Path, help="of flexsurv_reference.csv and its data sets")
    parser.add_argument("--speed", action="store_true", help="200 draws, 8 models, 2 arms")
    parser.add_argument("--small", type=int, nargs="?", const=54, default=0, help="small, heavily censored sets")
    parser.add_argument("--coverage", type=int, default=0, metavar="TRIALS", help="of each distribution")
    parser.add_argument("--best", type=Path, metavar="CASES", help="folder of an open benchmark")
    parser.add_argument("--draws", type=int, default=200)
    asked = parser.parse_args(arguments)
    if asked.folder is not None:
        _show_reference(asked.folder)
    if asked.speed:
        _show_speed(asked.draws)
    if asked.small:
        _show_small(asked.small)
    if asked.coverage:
        _show_coverage(asked.coverage, asked.draws)
    if asked.best is not None:
        _show_best(asked.best, asked.draws)


if __name__ == "__main__":
    main()

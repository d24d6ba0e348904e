"""Progression-free and overall survival of one trial, from runs, records or rebuilt patients, and their folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from survrecon import __version__
from survrecon.analysis.comparison import ArmData, arm_data
from survrecon.analysis.endpoints.pairs import pair_draws
from survrecon.analysis.fits.extrapolate import refuse_endpoint
from survrecon.callers import option_name
from survrecon.checks.results import RecordResult
from survrecon.errors import AnalysisError
from survrecon.export.trial import no_patients_because
from survrecon.files.option_text import DRAWS
from survrecon.files.outputs import write_whole
from survrecon.records.folder import RECORD_FILE, FigureRecord, read_document, read_figure
from survrecon.records.schema import NOT_GIVEN, SourceKind
from survrecon.running.after.hand_over import arms_of_trial, publish_files
from survrecon.running.after.patients import read_run_patients
from survrecon.running.record import run_record

if TYPE_CHECKING:
    from survrecon.analysis.comparison import Patients
    from survrecon.analysis.endpoints.results import PairedEndpoints
    from survrecon.records.schema import RecordDocument

__all__ = ["ENDPOINTS_STATE", "pair_endpoints", "write_endpoint_pages", "write_endpoints"]

ENDPOINTS_STATE = "endpoints.json"
"""What says how the files of a folder came about, with their hashes."""
_PATIENTS_FILE = "ipd.csv"
_PROGRESSION_FREE = "progression-free"
_DEATH_ALONE = ("overall survival", "overall mortality", "all-cause mortality", "death from any cause", "survival")
_DEATH_ALONE_SHORT = ("os", "death")
"""Endpoints of which every death is an event, and nothing else."""
_ALIKE = ("trial", "time_origin", "population", "subgroup")
"""What two analyses must not say differently."""


def pair_endpoints(
    pfs: str | Path | RecordResult | Sequence[Patients],
    os: str | Path | RecordResult | Sequence[Patients],
    *,
    tau: float | None = None,
    time_slack: float | None = None,
    different_cutoffs: bool = False,
    pfs_model: str | None = None,
    os_model: str | None = None,
    horizon: float | None = None,
    samples: int | None = None,
    dependence: str | None = None,
    cap: bool = False,
    seed: int = 0,
) -> PairedEndpoints:
    """Put progression-free and overall survival of one trial together.

    Draws of the two are paired such that each pair can be of the same patients, every patient's progression-free time
    at most the overall one; draws themselves are left as they are. What the two curves tell jointly, the share of
    patients alive with progression and the time that they spend so, gets the covariance that two curves of the same
    patients have.

    Parameters
    ----------
    pfs, os : str, Path, RecordResult or sequence of arms
        What came of each figure: the folder of a run, a record (its folder or its name in the catalogue), which is
        then rebuilt, together with another data cut-off where it names one; what `run` returned; or the arms, control
        first, as `compare_arms` takes them.
    tau : float, optional
        Horizon of the area between the curves; the last time with 10 patients and 10% of all at risk where left out.
    time_slack : float, optional
        How much later a progression-free time may seem than the overall time of the same patient, because both were
        read; by the records' resolution where left out.
    different_cutoffs : bool
        Whether the two may be of different data cut-offs, overall survival of the later one.
    pfs_model, os_model : str, optional
        Models, to fit both endpoints and draw parameters that go together.
    horizon, samples, dependence, cap
        Of the fits: up to when means are taken; how many samples; how the two times of a patient go together,
        "likely", "by-rank", "least" or "independent"; whether to hold progression-free survival at overall survival.
    seed : int
        Of everything that is drawn at random.

    Returns
    -------
    PairedEndpoints
        With ``.summary()``, ``.plot()``, ``.to_frame()`` and ``.report(path)``.

    Raises
    ------
    SurvreconError
        If the two are not of the same patients by what is said of them, one is no ordinary Kaplan-Meier curve, or an
        option has no use.

    Examples
    --------
    >>> from survrecon.model.ipd import PseudoIPD
    >>> first = PseudoIPD(time=[2, 4, 5, 7, 9], event=[1, 1, 1, 1, 0], arm="drug")
    >>> last = PseudoIPD(time=[3, 6, 8, 9, 9], event=[1, 1, 0, 0, 0], arm="drug")
    >>> print(pair_endpoints([first], [last], tau=8).arms[0].progressed.value[-1].round(2))
    0.4
    """
    fitting = {"horizon": horizon, "samples": samples, "dependence": dependence, "cap": cap or None}
    _refuse_unused(pfs_model, os_model, fitting)
    sources = [_source(one) for one in (pfs, os)]
    notes = _refuse_unlike(*sources, different_cutoffs=different_cutoffs)
    slack = sum(one.resolution for one in sources) / 2 if time_slack is None else time_slack
    if slack < 0:
        raise AnalysisError(option_name("time_slack"), "a time from 0", f"{slack:g}", "give another")
    told = next((one.document.analysis.trial for one in sources if one.document is not None), "")
    (early, of_early), (late, of_late) = (one.arms(seed) for one in sources)
    found = pair_draws(
        early,
        late,
        tau=tau,
        time_slack=slack,
        trial="" if told == NOT_GIVEN else told,
        seed=seed,
        notes=(*of_early, *of_late, *notes),
    )
    found = replace(found, from_summary=any(one.from_summary for one in sources))
    if pfs_model is None or os_model is None:
        return found
    from survrecon.analysis.endpoints.fitted import fit_endpoints

    used = {name: value for name, value in fitting.items() if value is not None}
    return replace(found, fits=fit_endpoints(found, pfs_model=pfs_model, os_model=os_model, **used))  # type: ignore[arg-type]


def _refuse_unused(pfs_model: str | None, os_model: str | None, fitting: Mapping[str, object]) -> None:
    if (pfs_model is None) is not (os_model is None):
        missing = "pfs_model" if pfs_model is None else "os_model"
        raise AnalysisError(option_name(missing), "a model for both endpoints, or for none", "one", "name both")
    odd = next((name for name, value in fitting.items() if value is not None), None)
    if pfs_model is None and odd is not None:
        models = " and ".join(option_name(name) for name in ("pfs_model", "os_model"))
        raise AnalysisError(option_name(odd), f"an option that goes with {models}", "neither", "name them")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Source:
    """One endpoint: how it is called, where its patients are from, and what its record says."""

    words: str
    given: Path | FigureRecord | RecordResult | Sequence[Patients]
    document: RecordDocument | None = None

    @property
    def resolution(self) -> float:
        """A pixel of the time axis, or 0 where none is told."""
        return 0.0 if self.document is None else self.document.axes.resolution_time or 0.0

    @property
    def from_summary(self) -> bool:
        """Whether it is of printed numbers."""
        return self.document is not None and self.document.digitized.kind is SourceKind.SUMMARY

    def arms(self, seed: int) -> tuple[list[ArmData], tuple[str, ...]]:
        """Return the arms with their draws, and what a reader must know of them; a record is rebuilt."""
        if isinstance(self.given, Path):
            return _of_run(self.given)
        if isinstance(self.given, FigureRecord):
            return _of_result(run_record(self.given, seed=seed))
        if isinstance(self.given, RecordResult):
            return _of_result(self.given)
        return [arm_data(one, draws=DRAWS) for one in self.given], ()


def _source(given: str | Path | RecordResult | Sequence[Patients]) -> _Source:
    """Tell what an endpoint is given as, and read what its record says."""
    if isinstance(given, RecordResult):
        return _Source(words=given.record.name, given=given, document=given.record.document)
    if isinstance(given, list | tuple):
        return _Source(words="the arms given", given=given)
    if not isinstance(given, str | Path):
        rule = "a run's folder, a record, a result, or the arms in a list"
        raise AnalysisError("endpoints", rule, type(given).__name__, "give one of them")
    folder = Path(given)
    if folder.is_dir() and ((folder / _PATIENTS_FILE).is_file() or not (folder / RECORD_FILE).is_file()):
        document = read_document(folder) if (folder / RECORD_FILE).is_file() else None
        return _Source(words=str(folder), given=folder, document=document)
    record = read_figure(given)
    return _Source(words=record.name, given=record, document=record.document)


def _of_run(folder: Path) -> tuple[list[ArmData], tuple[str, ...]]:
    trial = read_run_patients(folder)
    notes: tuple[str, ...] = ()
    if trial.document is not None and trial.document.other_cutoff is not None:
        notes = (
            f"{folder.name}: of its data cut-off alone; name the record in place of the run to have it rebuilt "
            "together with the other cut-off",
        )
    return arms_of_trial(trial), notes


def _of_result(result: RecordResult) -> tuple[list[ArmData], tuple[str, ...]]:
    """Return a result, over the draws of both data cut-offs where they were joined."""
    name, joint = result.record.name, result.joint
    if not result.arms:
        why = result.not_buildable or "nothing was rebuilt"
        raise AnalysisError(name, "a record from which patients are rebuilt", why, "use another")
    notes = () if joint is None else (f"{name}: {joint.summary}",)
    if joint is None or not joint.own_draws:
        return [ArmData(central=arm.central, draws=arm.draws) for arm in result.arms], notes
    return [arm_data(joint.own_draws[arm.name], draws=0) for arm in result.arms], notes


def _refuse_unlike(pfs: _Source, os: _Source, *, different_cutoffs: bool) -> tuple[str, ...]:
    """Refuse endpoints that are not of the same patients by what is said of them, and return what a reader must know.

    Raises
    ------
    AnalysisError
        If so, or one is no endpoint of patients.
    """
    for one in (pfs, os):
        reason = no_patients_because(one.document)
        if reason:
            raise AnalysisError(one.words, "an ordinary Kaplan-Meier curve, of patients", reason, "use another figure")
    if pfs.document is None or os.document is None:
        return ("not said to be of one trial, population and data cut-off: taken to be",)
    _refuse_endpoints(pfs.document, os.document)
    early, late = pfs.document.analysis, os.document.analysis
    for name in _ALIKE:
        first, second = getattr(early, name), getattr(late, name)
        if first != second and None not in (first, second) and NOT_GIVEN not in (first, second):
            what = name.replace("_", " ")
            raise AnalysisError(
                f"{pfs.words}, {os.words}: {what}",
                "the same",
                f"{first} and {second}",
                "use figures of the same patients",
            )
    _refuse_sizes(pfs, os)
    cutoffs = early.data_cutoff, late.data_cutoff
    if cutoffs[0] != cutoffs[1] and not different_cutoffs:
        told = " and ".join("not stated" if one is None else str(one) for one in cutoffs)
        raise AnalysisError(
            f"{pfs.words}, {os.words}: data cut-off", "the same", told,
            f"use figures of one cut-off, or say that they differ ({option_name('different_cutoffs', True)})",
        )  # fmt: skip
    if cutoffs[0] != cutoffs[1]:
        early_cutoff, late_cutoff = (one or "not stated" for one in cutoffs)
        return (f"data cut-offs differ: progression-free {early_cutoff}, overall survival {late_cutoff}",)
    return ("data cut-offs are not stated: taken to be the same",) if cutoffs[0] is None else ()


def _refuse_sizes(pfs: _Source, os: _Source) -> None:
    """Refuse arms of another name or number, before anything is rebuilt."""
    assert pfs.document is not None
    assert os.document is not None
    sizes = [{arm.name: arm.n for arm in document.arms} for document in (pfs.document, os.document)]
    if sizes[0] != sizes[1]:
        told = " and ".join(", ".join(f"{name} {n or 'not stated'}" for name, n in one.items()) for one in sizes)
        raise AnalysisError(
            f"{pfs.words}, {os.words}: patients", "arms of the same names and sizes", told,
            "use figures of one population, and name the arms of both alike",
        )  # fmt: skip


def _is_death_alone(endpoint: str) -> bool:
    words = endpoint.lower().strip()
    return words in _DEATH_ALONE_SHORT or any(words.startswith(known) for known in _DEATH_ALONE)


def _refuse_endpoints(pfs: RecordDocument, os: RecordDocument) -> None:
    """Refuse what is not progression-free survival, or its like, and overall survival, in this order."""
    first, second = pfs.analysis.endpoint, os.analysis.endpoint
    where = "progression-free and overall survival"
    if second != NOT_GIVEN and not _is_death_alone(second):
        advice = "exchange the two" if _is_death_alone(first) else "give overall survival second"
        raise AnalysisError(where, "overall survival as the second endpoint", second, advice)
    if first == NOT_GIVEN:
        return
    try:
        refuse_endpoint(first)
    except AnalysisError:
        raise AnalysisError(
            where,
            "a first endpoint of which every death is an event: progression-free, disease-free or event-free survival",
            first,
            "time to progression counts deaths as censored, and its curve may lie above overall survival: use another",
        ) from None
    if _is_death_alone(first):
        raise AnalysisError(where, "progression-free survival as the first endpoint", first, "give it first")


def write_endpoints(found: PairedEndpoints, folder: Path, *, overwrite: bool = False) -> Path:
    """Write ``endpoints.html``, its tables as CSV and its plots as SVG to a folder, and return the page.

    Raises
    ------
    ReportError
        If the folder holds something else, or files of it were changed by a person.
    """
    from survrecon.report.endpoints_page import endpoint_files

    facts = {"what": "progression-free and overall survival", "seed": found.seed, "version": __version__}
    publish_files(endpoint_files(found), folder, ENDPOINTS_STATE, facts, overwrite=overwrite)
    return folder / "endpoints.html"


def write_endpoint_pages(results: Sequence[RecordResult], folder: Path) -> dict[str, str]:
    """Write a page for each trial with progression-free and overall survival at one data cut-off, the latest of them.

    Returns
    -------
    dict of str to str
        Names of the pages, by trial.
    """
    from survrecon.report.endpoints_page import endpoints_page
    from survrecon.report.fits_page import file_safe

    latest: dict[str, tuple[str, RecordResult, RecordResult]] = {}
    for pfs in results:
        told = pfs.record.document.analysis
        if not pfs.arms or told.data_cutoff is None or not told.endpoint.startswith(_PROGRESSION_FREE):
            continue
        for os in results:
            other = os.record.document.analysis
            same = (other.trial, other.data_cutoff) == (told.trial, told.data_cutoff)
            if os.arms and same and _is_death_alone(other.endpoint):
                found = (str(told.data_cutoff), pfs, os)
                latest[told.trial] = max(latest.get(told.trial, found), found, key=lambda one: one[0])
    pages = {}
    for trial, (_, pfs, os) in latest.items():
        with suppress(AnalysisError):  # of other patients, by what is said of them: nothing to show together
            page = endpoints_page(pair_endpoints(pfs, os))
            pages[trial] = write_whole(folder / f"{file_safe(trial)}_endpoints.html", page).name
    return pages

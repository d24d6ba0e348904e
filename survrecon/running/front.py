"""`survrecon.run` for a figure, a record or points, and `survrecon.reproduce` for the catalogue, in one call."""

from __future__ import annotations

import shlex
import tempfile
import weakref
from collections.abc import Mapping
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from survrecon import __version__
from survrecon.callers import shell_flag
from survrecon.errors import ReportError, SurvreconError
from survrecon.files.option_text import name_of_figure
from survrecon.files.outputs import not_ours, publish, refuse_changed, refuse_unwritable, staging
from survrecon.reconstruction.reconstruct import Method
from survrecon.reconstruction.summary.reconstruct import DRAWS
from survrecon.records.folder import FigureRecord, catalogue, read_figure
from survrecon.records.new import new_record, split_dataset
from survrecon.running.after.endpoints import write_endpoint_pages
from survrecon.running.arm_patients import with_patients
from survrecon.running.figure import digitize_to_records, run_figure
from survrecon.running.folder import refuse_other_run, write_run
from survrecon.running.options import run_settings
from survrecon.running.record import run_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.checks.results import RecordResult
    from survrecon.model.convention import AtRiskConvention, PointKind

__all__ = ["reproduce", "run"]

_POINTS_ENDINGS = (".csv", ".dig", ".json", ".tar", ".tsv", ".txt", ".xlsx")
_FIGURE_ENDINGS = (".jpeg", ".jpg", ".pdf", ".png", ".svg")
_OF_A_FIGURE = (
    *("page", "panel", "crop", "arms", "arm_names", "x_range", "y_range", "y_unit", "one_minus_survival"),
    *("time_unit", "risk_table", "n", "events", "control", "late_entry", "words"),
)
_OF_POINTS = (
    *("arm_names", "y_unit", "one_minus_survival", "time_unit", "risk_table", "n", "events", "control"),
    *("at_risk_convention", "resolution", "censor_times"),
)


def run(
    source: str | Path | FigureRecord | Mapping[str, str | Path],
    *,
    out: str | Path | None = None,
    overwrite: bool = False,
    compress: bool = False,
    page: int | None = None,
    panel: str | None = None,
    crop: Sequence[float] | None = None,
    arms: int | None = None,
    arm_names: Sequence[str] | None = None,
    x_range: Sequence[float] | None = None,
    y_range: Sequence[float] | None = None,
    y_unit: Literal["fraction", "percent"] | None = None,
    one_minus_survival: bool = False,
    time_unit: Literal["days", "weeks", "months", "years"] | None = None,
    risk_table: str | Path | None = None,
    words: str | Path | None = None,
    at_risk_convention: AtRiskConvention | Literal["before", "after", "auto"] | None = None,
    censor_times: str | Path | Mapping[str, str | Path] | None = None,
    resolution: float | tuple[float, ...] | None = None,
    n: int | Mapping[str, int] | None = None,
    events: int | Mapping[str, int] | None = None,
    control: str | None = None,
    late_entry: bool = False,
    method: Method | Literal["auto", "statespace", "spread", "guyot"] = Method.AUTO,
    points: PointKind | Literal["auto", "steps", "landmarks", "clicks"] | None = None,
    use: Sequence[str] = (),
    tau: float | None = None,
    what_helps: bool = False,
    draws: int | None = None,
    seed: int | None = None,
) -> RecordResult:
    r"""Rebuild the patients of a figure, a record or points, analyse them, and check what is printed.

    Parameters
    ----------
    source : str, Path, FigureRecord or mapping of str to path
        A figure (PNG, JPEG, PDF, SVG); a record, its folder or its name in the catalogue; a file of points; or such
        a file for each arm, by the arms' names. ``points.csv#curve`` names one curve of a file.
    out : path, optional
        The folder that gets everything ``survrecon run`` writes; without it nothing is kept but the result.
    overwrite : bool
        Whether files of ``out`` that a person changed or put there are replaced.
    compress : bool
        Whether the draws are written compressed.
    page, panel, crop, arms, x_range, y_range, late_entry
        Of a figure: the page of a PDF; the panel's letter or title; ``x0, y0, x1, y1`` to read alone; how many curves;
        values at the first and last tick of each axis; whether to go on although patients enter late.
    arm_names : sequence of str, optional
        Names of a figure's arms, in the order of the result; of a file of points, the curves to take.
    y_unit, one_minus_survival, time_unit
        Of a figure or points: unit of the survival axis, whether it shows 1 - S, unit of time. What is not stated is
        read from a figure; points are fractions, in months.
    risk_table : path, optional
        CSV of numbers at risk: time, then one column per arm. Of a figure, in place of those that it prints.
    words : path, optional
        Of a figure: JSON of its words, read in their place where it is there, else written.
    at_risk_convention, censor_times, resolution
        Of points: which patients the numbers at risk count; the file of censoring marks, or one per arm; a pixel's
        height as a fraction, and its width.
    n, events : int or mapping of str to int, optional
        Patients, and total events; by arm, or a number for a single file of points. As printed where left out.
    control : str, optional
        The control arm; the first where left out.
    method : {"auto", "statespace", "spread", "guyot"}
        How to rebuild.
    points : {"auto", "steps", "landmarks", "clicks"}, optional
        What the points are; told by the data where left out.
    use : sequence of str
        Printed statistics that weight the draws, and are then no checks (see `run_record`).
    tau : float, optional
        Horizon of the restricted mean.
    what_helps : bool
        Whether to say which further information would narrow the hazard ratios most; takes minutes.
    draws, seed : int, optional
        Data sets per arm, by default 200, and where randomness starts, by default 0.

    Returns
    -------
    RecordResult
        With ``.summary()``, ``.plot()``, ``.to_frame()``, ``.checks_frame()`` and ``.report(path)``.

    Raises
    ------
    SurvreconError
        If the source cannot be read, an option cannot be used with it, or nothing can be rebuilt.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "drug.csv"
    ...     _ = file.write_text("time,survival\n0,1\n2,0.8\n5,0.6\n9,0.3\n")
    ...     result = run(file, n=10, method="spread")
    >>> result.arms[0].name, len(result.to_frame()), result.arms[0].median.format(0).split()[0]
    ('drug', 10, '9')
    """
    told = {
        "page": page, "panel": panel, "crop": crop, "arms": arms, "arm_names": arm_names, "x_range": x_range,
        "y_range": y_range, "y_unit": y_unit, "one_minus_survival": one_minus_survival, "time_unit": time_unit,
        "risk_table": risk_table, "at_risk_convention": at_risk_convention, "censor_times": censor_times,
        "resolution": resolution, "n": n, "events": events, "control": control, "late_entry": late_entry,
        "words": None if words is None else str(words),
    }  # fmt: skip
    stated = {name: value for name, value in told.items() if value is not None and value is not False}
    settings = run_settings(draws=draws, seed=seed, method=method, points=points, tau=tau, use=use)
    settings |= {"what_helps": True} if what_helps else {}
    settings["command"] = _call(source, stated, settings)
    folder = None if out is None else Path(out)
    writing = {"compress": True} if compress else {}
    if isinstance(source, Mapping) or (not isinstance(source, FigureRecord) and _is_points(source)):
        _only(stated, _OF_POINTS, "points")
        return _run_points(source, folder, stated, settings, writing, overwrite=overwrite)
    if not isinstance(source, FigureRecord) and _is_figure(source):
        _only(stated, _OF_A_FIGURE, "a figure")
        return _run_figure(source, folder, stated, settings, writing, overwrite=overwrite)
    _only(stated, ("n",), "a record")
    record = source if isinstance(source, FigureRecord) else read_figure(source)
    if n is not None:
        record = with_patients(record, _by_arm(str(record.name), "n", n))
    return _run_record(record, folder, settings, writing, overwrite=overwrite)


def _run_record(
    record: FigureRecord, out: Path | None, settings: Mapping[str, Any], writing: Mapping[str, Any], *, overwrite: bool
) -> RecordResult:
    if out is not None:
        refuse_other_run(out, record.name, home=record.folder, overwrite=overwrite)
    result = run_record(record, **settings)
    if out is not None:
        write_run(result, out, settings={**settings, **writing}, overwrite=overwrite)
    return result


def _run_figure(
    path: str | Path,
    out: Path | None,
    stated: Mapping[str, Any],
    settings: Mapping[str, Any],
    writing: Mapping[str, Any],
    *,
    overwrite: bool,
) -> RecordResult:
    if stated.get("panel") == "all":
        raise ReportError(f"{path}: panel", "one panel", "'all'", "run each panel by its letter or title")
    for name in ("n", "events"):
        if name in stated:
            _by_arm(str(path), name, stated[name])
    if out is not None:
        [result] = run_figure(path, out, stated, {**settings, **writing}, overwrite=overwrite)
        return replace(result, record=replace(result.record, folder=out.resolve()))
    folder = _temporary()
    [record] = digitize_to_records(path, Path(folder.name) / "record", stated)
    result = run_record(replace(record, name=name_of_figure(path, stated)), **settings)
    return _keeping(folder, result)


def _by_arm(where: str, name: str, value: Any) -> Mapping[str, int]:
    """Refuse a number where there may be several arms."""
    if not isinstance(value, Mapping):
        advice = f"write {name}={{'placebo': 120, 'drug': 118}}, say"
        raise ReportError(f"{where}: {name}", "numbers by the names of arms", repr(value), advice)
    return value


def _run_points(
    source: str | Path | Mapping[str, str | Path],
    out: Path | None,
    stated: Mapping[str, Any],
    settings: Mapping[str, Any],
    writing: Mapping[str, Any],
    *,
    overwrite: bool,
) -> RecordResult:
    options = dict(stated)
    names = options.pop("arm_names", None)
    if isinstance(source, Mapping):
        if names is not None:
            raise ReportError("run: arm_names", "names of the arms given once", "a mapping by name", "leave it out")
        files, name = dict(source), "points"
    else:
        name = split_dataset(source)[0].stem
        files = dict.fromkeys([name] if names is None else names, source)
    for option in ("n", "events", "censor_times"):
        value = options.get(option)
        if value is None or isinstance(value, Mapping):
            continue
        if len(files) != 1:
            rule = f"values by the names of arms: {', '.join(files)}"
            raise ReportError(f"run: {option}", rule, repr(value), "name the arms")
        options[option] = dict.fromkeys(files, value)
    settings, kind = dict(settings), settings.get("points")
    if kind is not None:
        options["points"] = kind
    folder = _temporary()
    record = new_record(Path(folder.name) / name, arms=files, **options)
    return _keeping(folder, _run_record(record, out, settings, writing, overwrite=overwrite))


def _temporary() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for a record that nobody asked to keep; it goes with the result, or at the end of the program."""
    return tempfile.TemporaryDirectory(prefix="survrecon-", ignore_cleanup_errors=True)


def _keeping(folder: tempfile.TemporaryDirectory[str], result: RecordResult) -> RecordResult:
    """Keep a record's folder, which the report takes the overlay from, for as long as the result is in use."""
    weakref.finalize(result.record, folder.cleanup)
    return result


def _is_points(source: str | Path) -> bool:
    return split_dataset(source)[0].suffix.lower() in _POINTS_ENDINGS


def _is_figure(source: str | Path) -> bool:
    path = Path(source)
    return path.is_file() or path.suffix.lower() in _FIGURE_ENDINGS


def _only(stated: Mapping[str, Any], known: Sequence[str], kind: str) -> None:
    """Refuse what cannot be told of a kind of source, instead of dropping it in silence."""
    for name, value in stated.items():
        if name not in known:
            raise ReportError(f"run: {name}", f"an option that goes with {kind}", repr(value)[:80], "leave it out")


def _call(source: Any, stated: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return the call that repeats a run, for its report."""
    first: Any = source.name if isinstance(source, FigureRecord) else str(source)
    if isinstance(source, Mapping):
        first = {name: str(path) for name, path in source.items()}
    given = {name: str(value) if isinstance(value, Path) else value for name, value in stated.items()}
    given |= {name: value for name, value in settings.items() if value not in (None, []) and name != "command"}
    return f"survrecon.run({', '.join([repr(first), *(f'{name}={value!r}' for name, value in given.items())])})"


STATE_FILE = "reproduce.json"
"""Beside the index page: the hash that it was written with."""


def reproduce(
    records: Sequence[str | Path] | str | Path | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    use: Sequence[str] = (),
    output: str | Path | None = None,
    overwrite: bool = False,
    jobs: int = -1,
    progress: Callable[[RecordResult], None] | None = None,
    failed: list[SurvreconError] | None = None,
) -> tuple[RecordResult, ...]:
    """Re-analyse records of the catalogue and check them against their papers.

    Parameters
    ----------
    records : sequence of str or Path, or one of them, optional
        Names in the catalogue or folders; default the whole catalogue.
    draws, seed, use
        As for ``run_record``.
    output : str or Path, optional
        A folder: one subfolder per record with page, pictures and data, and an index page.
    overwrite : bool
        Whether files in it that a person changed or put there are replaced.
    jobs : int
        Worker processes; -1 for one per core.
    progress : callable, optional
        Called with each result as it is done, in order.
    failed : list of SurvreconError, optional
        Where given, the errors of records that cannot be run are added to it and the others still are; without it
        the first such record is an error.

    Returns
    -------
    tuple of RecordResult
        In the order of ``records``; their reconstructions make more draws where they are asked.

    Raises
    ------
    SurvreconError
        If a record cannot be read, two of one name are to be written, or one cannot be run and ``failed`` is not
        given.
    """
    from joblib import Parallel, delayed

    if isinstance(records, str | Path):
        records = [records]
    if jobs == 0:
        raise ReportError("jobs", "worker processes, -1 for one per core", "0", "leave it out")
    figures = [read_figure(record) for record in (catalogue() if records is None else records)]
    named = [figure.name for figure in figures] if records is None else records
    target = None if output is None else Path(output)
    if target is not None:
        _refuse_same_folder(figures, target)
        refuse_unwritable(target)
        if not overwrite:
            refuse_changed(target, not_ours(target, STATE_FILE, ["index.html"]))
    settings: dict[str, Any] = {"draws": draws, "seed": seed, "use": tuple(use)}
    run = _run_and_write if failed is None else _run_or_error
    work = (
        delayed(run)(figure, settings | {"command": _command(record, **settings)}, target, overwrite)
        for figure, record in zip(figures, named, strict=True)
    )
    results = []
    try:
        for result in Parallel(n_jobs=min(jobs, len(figures)) if jobs > 0 else jobs, return_as="generator")(work):
            if failed is not None and isinstance(result, SurvreconError):
                failed.append(result)
                continue
            results.append(result)
            if progress is not None:
                progress(result)
    except BrokenProcessPool:
        raise ReportError(
            "reproduce", "worker processes that live", "one that ended by itself, out of memory perhaps", "try one job"
        ) from None
    if target is not None and results:
        from survrecon.report.page import write_index

        with staging(target) as place:
            write_index(results, place, write_endpoint_pages(results, place))
            publish(place, target, STATE_FILE, {"version": __version__}, overwrite=overwrite)
    return tuple(results)


def _run_and_write(
    figure: FigureRecord, settings: Mapping[str, Any], output: Path | None, overwrite: bool
) -> RecordResult:
    if output is not None:
        refuse_other_run(output / figure.name, figure.name, home=figure.folder, overwrite=overwrite)
    result = run_record(figure, **settings)
    if output is not None:
        write_run(result, output / figure.name, with_draws=False, settings=settings, overwrite=overwrite)
    return result


def _run_or_error(
    figure: FigureRecord, settings: Mapping[str, Any], output: Path | None, overwrite: bool
) -> RecordResult | SurvreconError:
    try:
        return _run_and_write(figure, settings, output, overwrite)
    except SurvreconError as error:
        return error


def _command(record: str | Path, *, draws: int, seed: int, use: Sequence[str]) -> str:
    """Return the call of ``survrecon reproduce`` that repeats one record."""
    words = ["survrecon", "reproduce", str(record)]
    words += [shell_flag("use"), ",".join(use)] if use else []
    words += [shell_flag("draws"), str(draws)] if draws != DRAWS else []
    words += [shell_flag("seed"), str(seed)] if seed else []
    return shlex.join(words)


def _refuse_same_folder(figures: Sequence[FigureRecord], target: Path) -> None:
    """Refuse records of one name, of which the second would be written over the first."""
    names = [figure.name for figure in figures]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise ReportError(
            str(target), "a folder for each record", f"{', '.join(sorted(repeated))} twice", "run them one by one"
        )

"""Rebuild one arm without a record: read its points, write ``ipd.csv`` and its provenance."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survrecon.analysis.comparison import compare_arms, summarize_arm
from survrecon.analysis.results import ArmSummary, Comparison, arms_of
from survrecon.callers import option_name
from survrecon.errors import AnalysisError, CurveError, ReconstructionError, ReportError
from survrecon.files.ipd_csv import (
    PatientTable,
    event_coding,
    file_hash,
    open_patients,
    read_draws,
    read_patients,
    sidecar,
    write_draws,
    write_patients,
)
from survrecon.files.option_text import DRAWING_METHODS, METHODS
from survrecon.files.outputs import not_ours, publish, refuse_changed, refuse_unwritable, staging
from survrecon.files.points import read_censor_times, read_points, read_risk_table
from survrecon.model.columns import StatedColumns, unit_of
from survrecon.model.convention import PointKind
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.records.new import split_dataset
from survrecon.running.folder import generator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.model.ipd import PseudoIPD, Reconstruction

__all__ = ["FilesAnalysis", "SingleCurve", "analyze_files", "read_arms", "write_single_curve"]


_DEFAULTS: Mapping[str, Any] = {"arm": "arm", "method": METHODS[0], "y_unit": "fraction"}


@dataclass(frozen=True, kw_only=True, slots=True)
class SingleCurve:
    """Points of one arm, and the options of ``survrecon reconstruct`` that were stated.

    Parameters
    ----------
    points : Path
        The file, with the name of a curve in it perhaps.
    stated : mapping
        The options by name; one that is not stated, or ``None``, has its default.
    """

    points: Path
    stated: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """Return the value of an option; ``None`` where it has neither value nor default."""
        value = self.stated.get(name)
        return _DEFAULTS.get(name) if value is None else value

    @property
    def files(self) -> tuple[Path, ...]:
        """The input files."""
        points, _ = split_dataset(self.points)
        return tuple(path for path in (points, self["risk_table"], self["censor_times"]) if path is not None)

    @property
    def default_output(self) -> Path:
        """The data set's name where none is given: after the points, and the curve that is read of them."""
        points, curve = split_dataset(self.points)
        of = "" if curve is None else "_" + (re.sub(r"[^\w-]+", "-", curve).strip("-") or "curve")
        return Path(f"{points.stem}{of}_ipd.csv")


def write_single_curve(single: SingleCurve, output: Path, *, overwrite: bool = False) -> Reconstruction:
    """Rebuild one arm and write ``output``, its ``.json``, and its draws where asked for.

    Raises
    ------
    SurvreconError
        If an input cannot be used, or a person changed or put there what would be replaced and ``overwrite`` is not
        given; then nothing is written.
    """
    _refuse_unsafe(single, output)
    _refuse_unused(single)
    state_file = output.with_suffix(".json").name
    refuse_unwritable(output.parent)
    if not overwrite:
        refuse_changed(output.parent, not_ours(output.parent, state_file, _outputs(single, output)))
    unit = single["time_unit"] or "months"
    result = _rebuilt(single, unit)
    draws = result.draws(single["draws"]) if single["draws"] is not None else []
    with staging(output.parent) as place:
        made = place / "made"
        write_patients(made / output.name, [result.ipd])
        if draws:
            write_draws(made / f"{output.stem}_draws.csv", {single["arm"]: draws}, compress=bool(single["compress"]))
        publish(made, output.parent, state_file, _sidecar(single, result, unit), overwrite=overwrite)
    return result


def _rebuilt(single: SingleCurve, unit: str) -> Reconstruction:
    """Read the files of an arm and rebuild its patients."""
    path, dataset = split_dataset(single.points)
    tables = {}
    if single["risk_table"] is not None:
        tables = read_risk_table(
            single["risk_table"], arms=[single["arm"]], convention=single["at_risk_convention"] or "auto"
        )
    curve = read_points(
        path,
        dataset=dataset,
        time_unit=unit,
        survival_unit=single["y_unit"],
        one_minus_survival=bool(single["one_minus_survival"]),
        resolution=single["resolution"],
    )
    marks = None if single["censor_times"] is None else read_censor_times(single["censor_times"])
    try:
        return reconstruct(
            curve,
            n=single["n"],
            risk_table=tables.get(single["arm"]),
            events=single["events"],
            censor_times=marks,
            method=single["method"],
            rng=generator(single["seed"] or 0),
            arm=single["arm"],
            points=single["point_kind"] or PointKind.AUTO,
        )
    except (CurveError, ReconstructionError) as error:
        raise error.at(path.name) from None


def _sidecar(single: SingleCurve, result: Reconstruction, unit: str) -> dict[str, Any]:
    """Return how the patients came about."""
    return sidecar(
        arm=single["arm"],
        assumptions=[*result.assumptions, *([] if single["time_unit"] else ["time unit not given: months"])],
        diagnostics=result.diagnostics.to_dict(),
        endpoint=single["endpoint"],
        events=result.ipd.events,
        events_given=single["events"],
        inputs_sha256={path.name: file_hash(path) for path in single.files},
        method=result.method,
        n=result.ipd.n,
        options=_stated(single),
        repairs=[str(repair) for repair in result.repairs],
        seed=single["seed"] or 0,
        time_unit=unit,
        warnings=list(result.warnings),
    )


def _outputs(single: SingleCurve, output: Path) -> list[str]:
    """Return the names of the files to be written, but the ``.json``."""
    draws = f"{output.stem}_draws.csv" + (".gz" if single["compress"] else "")
    return [output.name, *([draws] if single["draws"] is not None else [])]


def _stated(single: SingleCurve) -> dict[str, object]:
    """Return what was stated, as plain values; files by their names."""
    values = {"points": Path(single.points).name, **_DEFAULTS, **single.stated}
    return {
        name: value.name if isinstance(value, Path) else list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value not in (None, False)
    }


def _refuse_unused(single: SingleCurve) -> None:
    """Refuse what would have no say in this call, instead of dropping it in silence."""
    if single["risk_table"] is None and single["at_risk_convention"] is not None:
        raise ReportError(
            option_name("at_risk_convention"),
            "numbers at risk that it tells of",
            f"no {option_name('risk_table')}",
            "give one, or leave it out",
        )
    if single["compress"] and single["draws"] is None:
        got = f"no {option_name('draws')}"
        raise ReportError(option_name("compress"), "draws that it packs", got, "give one, or leave it out")
    if single["method"] in DRAWING_METHODS:
        return
    for option, value in (
        ("draws", single["draws"]),
        ("seed", single["seed"]),
        ("censor_times", single["censor_times"]),
    ):
        if value is not None:
            raise ReportError(
                option_name(option),
                f"an option that the method {single['method']} uses",
                str(value),
                f"leave it out, or give {option_name('method', DRAWING_METHODS[-1])}",
            )


def _refuse_unsafe(single: SingleCurve, output: Path) -> None:
    """Refuse an output that would be one of the inputs, or its own sidecar."""
    if output.suffix.lower() != ".csv":
        raise ReportError(
            option_name("output"), "a file that ends in .csv", output.name, "the .json beside it has its own name"
        )
    inputs = {path.resolve() for path in single.files}
    for path in (output.with_suffix(".json"), *map(output.with_name, _outputs(single, output))):
        if path.resolve() in inputs:
            raise ReportError(option_name("output"), "outputs other than the inputs", str(path), "name another output")


_NO_UNIT = "time units"


@dataclass(frozen=True, kw_only=True, slots=True)
class FilesAnalysis:
    """Patients of files, analysed.

    Parameters
    ----------
    arms : tuple of ArmSummary
        Control first.
    comparisons : tuple of Comparison
        One per treatment; empty for a single arm.
    notes : tuple of str
        How columns were understood where their names are not the usual ones, and which were not used.
    """

    arms: tuple[ArmSummary, ...]
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...] = ()


def analyze_files(
    files: Sequence[Path],
    *,
    draw_files: Sequence[Path] = (),
    control: str | None = None,
    tau: float | None = None,
    at: Sequence[float] = (),
    time_unit: str | None = None,
    columns: StatedColumns | None = None,
) -> FilesAnalysis:
    """Compare every arm in ``files`` with the control.

    Parameters
    ----------
    files, draw_files : sequences of Path
        Data sets, and draws of the same arms.
    control : str, optional
        The control arm; default the first.
    tau : float, optional
        Horizon of the restricted mean.
    at : sequence of float
        Times at which survival is wanted.
    time_unit : str, optional
        Unit of the files that do not tell theirs.
    columns : StatedColumns, optional
        What is stated about the columns; the others are told from their names.

    Raises
    ------
    AnalysisError
        If it is not clear what a column holds, an arm comes twice, the control is unknown, draws belong to no arm or
        to other patients, or something stated is not used.
    """
    arms, draws, told = read_arms(files, draw_files, time_unit=time_unit, columns=columns)
    first = next(iter(arms)) if control is None else control
    if first not in arms:
        raise AnalysisError(
            option_name("control"), f"one of {', '.join(arms)}", repr(control), "name an arm of the files"
        )
    others = [name for name in arms if name != first]
    for option, value in (("control", control), ("tau", tau)):
        if value is not None and not others:
            raise AnalysisError(option_name(option), "two arms to compare", f"the arm {first!r} alone", "leave it out")
    patients = {name: draws.get(name) or ipd for name, ipd in arms.items()}
    if not others:
        return FilesAnalysis(arms=(summarize_arm(patients[first], milestones=at),), comparisons=(), notes=told)
    comparisons = tuple(
        compare_arms(control=patients[first], treatment=patients[name], tau=tau, milestones=at) for name in others
    )
    return FilesAnalysis(arms=arms_of(comparisons), comparisons=comparisons, notes=told)


def read_arms(
    files: Sequence[Path],
    draw_files: Sequence[Path],
    *,
    time_unit: str | None = None,
    columns: StatedColumns | None = None,
) -> tuple[dict[str, PseudoIPD], dict[str, list[PseudoIPD]], tuple[str, ...]]:
    """Return the data set of each arm, the draws of those that have them, and how columns were understood.

    Raises
    ------
    AnalysisError
        If it is not clear what a column holds, an arm comes twice, or draws belong to no arm or to other patients.
    """
    tables = [open_patients(path, stated=columns) for path in files]
    drawn = [open_patients(path, stated=columns, draws=True) for path in draw_files]
    codings, notes = event_coding([*tables, *drawn], columns)
    units = _units([*tables, *drawn], time_unit)
    arms: dict[str, PseudoIPD] = {}
    for table, coding, unit in zip(tables, codings, units, strict=False):
        for ipd in read_patients(table, coding=coding, time_unit=unit):
            if ipd.arm in arms:
                raise AnalysisError(
                    str(table.path), "each arm comes once", f"a second arm {ipd.arm!r}", "rename one of them"
                )
            arms[ipd.arm] = ipd
    draws: dict[str, list[PseudoIPD]] = {}
    for table, coding, unit in zip(drawn, codings[len(tables) :], units[len(tables) :], strict=True):
        for arm, found in read_draws(table, coding=coding, time_unit=unit).items():
            _refuse_draws(table.path, arm, found, arms, draws)
            draws[arm] = found
    told = tuple(dict.fromkeys([*(f"{t.path.name}: {n}" for t in (*tables, *drawn) for n in t.columns.notes), *notes]))
    return arms, draws, told


def _refuse_draws(
    path: Path, arm: str, found: Sequence[PseudoIPD], arms: Mapping[str, PseudoIPD], draws: Mapping[str, object]
) -> None:
    """Refuse draws that belong to no arm of the files, that come twice, or that are of other patients."""
    if arm not in arms:
        raise AnalysisError(
            option_name("draw_files", str(path)),
            f"draws of {', '.join(arms)}",
            f"of {arm}",
            "give the arm's data set too",
        )
    if arm in draws:
        raise AnalysisError(
            option_name("draw_files", str(path)),
            "draws of each arm once",
            f"a second file of {arm!r}",
            "give one of them",
        )
    odd = next((ipd.n for ipd in found if ipd.n != arms[arm].n), None)
    if odd is not None:
        raise AnalysisError(
            option_name("draw_files", str(path)),
            f"{arms[arm].n} patients of {arm} in every draw, as in its data set",
            f"{odd}",
            "give the draws that were made with the data set",
        )


def _units(tables: Sequence[PatientTable], stated: str | None) -> list[str]:
    """Return each file's unit: what the file tells, else what is stated, else unnamed."""
    units = []
    for table in tables:
        own = _time_unit(table.path)
        own = (unit_of(table.columns.names[table.columns.time]) or own) if own == _NO_UNIT else own
        if stated is not None and own not in (_NO_UNIT, stated):
            raise AnalysisError(
                option_name("time_unit"),
                f"{own}, as {table.path.name} tells",
                stated,
                "leave it out, or correct the file",
            )
        units.append(own if stated is None else stated)
    return units


def _time_unit(path: Path) -> str:
    """Return the unit that the file's own ``.json`` tells, or an ``ipd.json`` beside it that lists the file.

    A file that merely lies beside an ``ipd.json`` is no part of it: its unit stays unnamed.
    """
    stem = Path(path.name.removesuffix(".gz")).stem
    own = [path.with_name(f"{name}.json") for name in (stem, stem.removesuffix("_draws"))]
    for beside in dict.fromkeys((*own, path.with_name("ipd.json"))):
        try:
            told = json.loads(beside.read_text(encoding="utf-8"))
            unit, listed = told["time_unit"], beside in own or path.name in told.get("files", told.get("outputs"))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if listed:
            return str(unit)
    return _NO_UNIT

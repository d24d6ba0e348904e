"""Rebuild one arm without a record: read its points, write ``ipd.csv`` and its provenance."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survrecon.analysis.comparison import compare_arms, summarize_arm
from survrecon.analysis.results import ArmSummary, Comparison, arms_of
from survrecon.callers import option_name
from survrecon.errors import AnalysisError, CurveError, ReconstructionError, ReportError
from survrecon.files.ipd_csv import file_hash, sidecar, write_draws, write_patients
from survrecon.files.option_text import DRAWING_METHODS, METHODS
from survrecon.files.outputs import not_ours, publish, refuse_changed, refuse_unwritable, staging
from survrecon.files.points import read_censor_times, read_points, read_risk_table
from survrecon.model.convention import PointKind
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.records.new import split_dataset
from survrecon.running.after.patients import read_trial
from survrecon.running.folder import generator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.model.columns import StatedColumns
    from survrecon.model.ipd import Reconstruction

__all__ = ["FilesAnalysis", "SingleCurve", "analyze_files", "write_single_curve"]


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
    files, draw_files, control, time_unit, columns
        As of `survrecon.running.after.patients.read_trial`.
    tau : float, optional
        Horizon of the restricted mean.
    at : sequence of float
        Times at which survival is wanted.

    Raises
    ------
    AnalysisError
        As of `survrecon.running.after.patients.read_trial`, or if something stated is not used.
    """
    trial = read_trial(files, draw_files=draw_files, control=control, time_unit=time_unit, columns=columns)
    first, *others = trial.patients
    for option, value in (("control", control), ("tau", tau)):
        if value is not None and not others:
            raise AnalysisError(option_name(option), "two arms to compare", f"the arm {first!r} alone", "leave it out")
    patients = trial.patients
    if not others:
        arms = (summarize_arm(patients[first], milestones=at),)
        return FilesAnalysis(arms=arms, comparisons=(), notes=trial.notes)
    comparisons = tuple(
        compare_arms(control=patients[first], treatment=patients[name], tau=tau, milestones=at) for name in others
    )
    return FilesAnalysis(arms=arms_of(comparisons), comparisons=comparisons, notes=trial.notes)

"""One curve without a record: points in, ``ipd.csv`` and how it was made out."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from survrecon.convention import PointKind
from survrecon.errors import CurveError, ReconstructionError, ReportError
from survrecon.ipd import Reconstruction
from survrecon.option_text import DRAWING_METHODS
from survrecon.outputs import not_ours, publish, refuse_changed, refuse_unwritable, staging
from survrecon.pipeline.patients_csv import file_hash, sidecar, write_draws, write_patients
from survrecon.pipeline.randomness import generator
from survrecon.points import read_censor_times, read_points, read_risk_table
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.record_parts import split_dataset

__all__ = ["SingleCurve", "write_single_curve"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SingleCurve:
    """What ``survrecon reconstruct`` is told: files, counts and units of one arm."""

    points: Path
    n: int
    events: int | None = None
    risk_table: Path | None = None
    at_risk_convention: str | None = None
    censor_times: Path | None = None
    y_unit: Literal["fraction", "percent"] = "fraction"
    one_minus_survival: bool = False
    resolution: tuple[float, ...] | None = None
    time_unit: str | None = None
    arm: str = "arm"
    endpoint: str | None = None
    method: str = "auto"
    point_kind: str | None = None
    draws: int | None = None
    seed: int | None = None
    compress: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        """The input files."""
        points, _ = split_dataset(self.points)
        return tuple(path for path in (points, self.risk_table, self.censor_times) if path is not None)

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
    unit = single.time_unit or "months"
    path, dataset = split_dataset(single.points)
    tables = {}
    if single.risk_table is not None:
        tables = read_risk_table(single.risk_table, arms=[single.arm], convention=single.at_risk_convention or "auto")
    curve = read_points(
        path,
        dataset=dataset,
        time_unit=unit,
        survival_unit=single.y_unit,
        one_minus_survival=single.one_minus_survival,
        resolution=single.resolution,
    )
    marks = None if single.censor_times is None else read_censor_times(single.censor_times)
    try:
        result = reconstruct(
            curve,
            n=single.n,
            risk_table=tables.get(single.arm),
            events=single.events,
            censor_times=marks,
            method=single.method,
            rng=generator(single.seed or 0),
            arm=single.arm,
            points=single.point_kind or PointKind.AUTO,
        )
    except (CurveError, ReconstructionError) as error:
        raise error.at(path.name) from None
    draws = result.draws(single.draws) if single.draws is not None else []
    with staging(output.parent) as place:
        made = place / "made"
        write_patients(made / output.name, [result.ipd])
        if draws:
            write_draws(made / f"{output.stem}_draws.csv", {single.arm: draws}, compress=single.compress)
        publish(made, output.parent, state_file, _sidecar(single, result, unit), overwrite=overwrite)
    return result


def _sidecar(single: SingleCurve, result: Reconstruction, unit: str) -> dict[str, Any]:
    """Return how the patients came about."""
    return sidecar(
        arm=single.arm,
        assumptions=[*result.assumptions, *([] if single.time_unit else ["time unit not given: months"])],
        diagnostics={
            key: value if isinstance(value, str | int | float | bool | None) else str(value)
            for key, value in result.diagnostics.items()
        },
        endpoint=single.endpoint,
        events=result.ipd.events,
        events_given=single.events,
        inputs_sha256={path.name: file_hash(path) for path in single.files},
        method=result.method,
        n=result.ipd.n,
        options=_stated(single),
        repairs=[str(repair) for repair in result.repairs],
        seed=single.seed or 0,
        time_unit=unit,
        warnings=list(result.warnings),
    )


def _outputs(single: SingleCurve, output: Path) -> list[str]:
    """Return the names of the files to be written, but the ``.json``."""
    draws = f"{output.stem}_draws.csv" + (".gz" if single.compress else "")
    return [output.name, *([draws] if single.draws is not None else [])]


def _stated(single: SingleCurve) -> dict[str, object]:
    """Return what was stated, as plain values; files by their names."""
    values = {field.name: getattr(single, field.name) for field in fields(single)}
    values["points"] = Path(single.points).name
    return {
        name: value.name if isinstance(value, Path) else list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value not in (None, False)
    }


def _refuse_unused(single: SingleCurve) -> None:
    """Refuse what would have no say in this call, instead of dropping it in silence."""
    if single.risk_table is None and single.at_risk_convention is not None:
        raise ReportError(
            "--at-risk-convention", "numbers at risk that it tells of", "no --risk-table", "give one, or leave it out"
        )
    if single.compress and single.draws is None:
        raise ReportError("--compress", "draws that it packs", "no --draws", "give one, or leave it out")
    if single.method in DRAWING_METHODS:
        return
    for option, value in (("--draws", single.draws), ("--seed", single.seed), ("--censor-times", single.censor_times)):
        if value is not None:
            raise ReportError(
                option,
                f"an option that the method {single.method} uses",
                str(value),
                f"leave it out, or give --method {DRAWING_METHODS[-1]}",
            )


def _refuse_unsafe(single: SingleCurve, output: Path) -> None:
    """Refuse an output that would be one of the inputs, or its own sidecar."""
    if output.suffix.lower() != ".csv":
        raise ReportError("-o", "a file that ends in .csv", output.name, "the .json beside it has its own name")
    inputs = {path.resolve() for path in single.files}
    for path in (output.with_suffix(".json"), *map(output.with_name, _outputs(single, output))):
        if path.resolve() in inputs:
            raise ReportError("-o", "outputs other than the inputs", str(path), "name another output")

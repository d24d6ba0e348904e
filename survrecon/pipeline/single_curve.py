"""One curve without a record: points in, ``ipd.csv`` and how it was made out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from survrecon.convention import PointKind
from survrecon.errors import CurveError, ReconstructionError, ReportError
from survrecon.ipd import Reconstruction
from survrecon.pipeline.patients_csv import file_hash, write_draws, write_patients, write_sidecar
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
    at_risk_convention: str = "auto"
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
    seed: int = 0

    @property
    def files(self) -> tuple[Path, ...]:
        """The input files."""
        points, _ = split_dataset(self.points)
        return tuple(path for path in (points, self.risk_table, self.censor_times) if path is not None)


def write_single_curve(single: SingleCurve, output: Path) -> Reconstruction:
    """Rebuild one arm and write ``output``, its ``.json``, and its draws where asked for.

    Raises
    ------
    SurvreconError
        If an input cannot be used; then nothing is written.
    """
    _refuse_unsafe(single, output)
    unit = single.time_unit or "months"
    path, dataset = split_dataset(single.points)
    tables = {}
    if single.risk_table is not None:
        tables = read_risk_table(single.risk_table, arms=[single.arm], convention=single.at_risk_convention)
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
            rng=generator(single.seed),
            arm=single.arm,
            points=single.point_kind or PointKind.AUTO,
        )
    except (CurveError, ReconstructionError) as error:
        raise error.at(path.name) from None
    draws = result.draws(single.draws) if single.draws is not None else []
    write_patients(output, [result.ipd])
    if draws:
        write_draws(output.with_name(f"{output.stem}_draws.csv"), {single.arm: draws})
    write_sidecar(
        output.with_suffix(".json"),
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
        repairs=[str(repair) for repair in result.repairs],
        seed=single.seed,
        time_unit=unit,
        warnings=list(result.warnings),
    )
    return result


def _refuse_unsafe(single: SingleCurve, output: Path) -> None:
    """Refuse an output that would be one of the inputs, or its own sidecar."""
    if output.suffix.lower() != ".csv":
        raise ReportError("-o", "a file that ends in .csv", output.name, "the .json beside it has its own name")
    inputs = {path.resolve() for path in single.files}
    for path in (output, output.with_suffix(".json"), output.with_name(f"{output.stem}_draws.csv")):
        if path.resolve() in inputs:
            raise ReportError("-o", "outputs other than the inputs", str(path), "name another output")

"""Draws of a record weighted by what it prints, where that is asked for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from survrecon.files.outputs import sha256_of
from survrecon.model.diagnostics import fewest_draws
from survrecon.model.repair import estimate_resolution
from survrecon.reconstruction.summary.reconstruct import reconstruct_summary
from survrecon.records.readings import Basis, ReadValue, readings_csv
from survrecon.running.folder import generator, printed_numbers
from survrecon.weighting.constrain import constrain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from survrecon.model.ipd import PseudoIPD, Reconstruction
    from survrecon.reconstruction.summary.inputs import SummaryArm
    from survrecon.records.folder import FigureRecord
    from survrecon.weighting.results import Constrained, Constraint

__all__ = ["said_in_readings", "weight_curves", "weight_summary"]


def weight_curves(
    record: FigureRecord, rebuilt: Mapping[str, Reconstruction], wanted: Sequence[Constraint], *, draws: int, seed: int
) -> Constrained | None:
    """Weight draws of arms that were read from a figure; ``None`` where nothing is asked for."""
    if not wanted:
        return None
    pixel = record.document.axes.resolution_time
    reading = {
        name: (estimate_resolution(record.curves[name]).time if pixel is None else pixel) / 2 for name in rebuilt
    }
    rng = generator(seed, "constraints")
    return constrain(list(rebuilt.values()), wanted, draws=draws, time_reading=reading, rng=rng)


def weight_summary(
    record: FigureRecord,
    arms: Sequence[SummaryArm],
    rebuilt: Mapping[str, Reconstruction],
    wanted: Sequence[Constraint],
    *,
    draws: int,
    seed: int,
) -> Constrained | None:
    """Weight draws of a summary record; draw i of every arm shares one follow-up design, so they stay together."""
    if not wanted:
        return None

    @cache
    def more(k: int) -> dict[str, list[PseudoIPD]]:
        made = reconstruct_summary(
            arms,
            record.document.follow_up,
            time_unit=record.document.axes.time_unit,
            draws=k,
            rng=generator(seed, printed_numbers(arms)),
        )
        most = fewest_draws(k, made)
        return {name: result.draws(most) for name, result in made.items()}

    def drawer(name: str) -> Callable[[int], list[PseudoIPD]]:
        return lambda k: more(k)[name]

    growing = [replace(result, drawer=drawer(name)) for name, result in rebuilt.items()]
    return constrain(growing, wanted, draws=draws, paired=True, rng=generator(seed, "constraints"))


def said_in_readings(record: FigureRecord, wanted: Sequence[Constraint]) -> FigureRecord:
    """Return the record with readings that say which printed facts weight the draws; the others are checks."""
    file = record.document.digitized.readings
    used = {constraint.fact.statement for constraint in wanted}
    readings = tuple(_said(reading, used) for reading in record.readings)
    if file is None or readings == record.readings:
        return record
    file = file.model_copy(update={"sha256": sha256_of(readings_csv(readings))})
    digitized = record.document.digitized.model_copy(update={"readings": file})
    return replace(record, readings=readings, document=record.document.model_copy(update={"digitized": digitized}))


def _said(reading: ReadValue, used: Collection[str]) -> ReadValue:
    if reading.basis not in (Basis.CHECK, Basis.CONSTRAINT):
        return reading
    return replace(reading, basis=Basis.CONSTRAINT if reading.used in used else Basis.CHECK)

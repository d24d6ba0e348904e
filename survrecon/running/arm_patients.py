"""What a record knows of the patients of each arm: how many there are, and until when they are followed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from survrecon.callers import option_name
from survrecon.errors import MissingPatientsError, RecordError
from survrecon.model.curve import AtRiskConvention, RiskTable
from survrecon.model.document import document_error
from survrecon.records.schema import RecordDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from survrecon.model.ipd import PseudoIPD, Reconstruction
    from survrecon.records.folder import FigureRecord
    from survrecon.records.schema import Arm

__all__ = ["followed_to_the_end", "refuse_without_patients", "with_patients", "without_zero_counts"]


def without_zero_counts(table: RiskTable | None, arm: Arm) -> RiskTable | None:
    """Return the numbers at risk without zeros, where the curve tells when the last patient leaves.

    A 0 says no more than that, and at a round time beyond the curve's end it would have patients leave there.
    """
    if table is None or arm.ends_at is None:
        return table
    some = table.at_risk > 0
    return table.at_columns(some) if some.any() else None


def followed_to_the_end(made: Reconstruction, arm: Arm) -> Reconstruction:
    """Return a reconstruction whose patients leave by the end of their arm's follow-up, the last of them there.

    Parameters
    ----------
    made : Reconstruction
        As the curve, and numbers at risk beyond its end, gave it.
    arm : Arm
        With the end of its follow-up, or none that is known.
    """
    if arm.ends_at is None:
        return made
    table = made.given.risk_table if made.given is not None else None
    after = table is not None and table.convention is AtRiskConvention.AFTER
    # numbers that count patients with time > t need them to leave a little later
    at = float(np.nextafter(arm.ends_at, np.inf)) if after else arm.ends_at
    drawer = None if made.drawer is None else _Ended(drawer=made.drawer, at=at)
    said = f"curve cut at {arm.ends_at:.4g}: patients still followed there are censored then"
    notes = (said,) if arm.cut else ()
    return replace(made, ipd=_ended(made.ipd, at), drawer=drawer, warnings=(*made.warnings, *notes))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ended:
    """Draws whose patients leave by the end; it can be sent to another process where the drawer can."""

    drawer: Callable[[int], list[PseudoIPD]]
    at: float

    def __call__(self, k: int) -> list[PseudoIPD]:
        return [_ended(ipd, self.at) for ipd in self.drawer(k)]


def _ended(ipd: PseudoIPD, at: float) -> PseudoIPD:
    """Return patients who leave by a time, the last one there unless an event took that patient."""
    time = np.minimum(ipd.time, at)
    if not ipd.event[-1]:
        time[-1] = at
    return replace(ipd, time=time)


def refuse_without_patients(record: FigureRecord) -> None:
    """Ask for the number of patients of every arm that has none.

    Raises
    ------
    MissingPatientsError
        If there is such an arm.
    """
    missing = record.document.without_patients
    if missing:
        error = MissingPatientsError(
            record.name,
            "the number of patients of every arm",
            f"none, printed or typed, of {', '.join(missing)}",
            f"give {option_name('n', 'NUMBER', key=missing[0], more=missing[1:])}",
        )
        error.arms = missing
        raise error


def with_patients(record: FigureRecord, n: Mapping[str, int]) -> FigureRecord:
    """Return a record with numbers of patients as they are typed, in place of those that it has or lacks.

    Raises
    ------
    RecordError
        If a name is of no arm, or a number cannot be one of patients.
    """
    names = [arm.name for arm in record.document.arms]
    for name in n:
        if name not in names:
            where, rule = f"{record.name}: {option_name('n')}", f"the name of an arm: {', '.join(names)}"
            raise RecordError(where, rule, repr(name), "name one of these")
    table = record.document.model_dump(mode="json", exclude_none=True)
    for arm in table["arms"]:
        if arm["name"] in n:
            arm |= {"n": n[arm["name"]], "place": "given by hand"}
    try:
        return replace(record, document=RecordDocument.model_validate(table))
    except ValidationError as error:
        raise document_error(error, record.name) from None

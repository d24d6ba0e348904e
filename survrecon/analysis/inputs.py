"""Whatever holds the patients of an arm, as one data set to show and a sequence of draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Union

from survrecon.errors import AnalysisError
from survrecon.ipd import PseudoIPD, Reconstruction
from survrecon.middle import nearest_to_middle
from survrecon.patient_columns import StatedColumns, find_columns

if TYPE_CHECKING:
    import pandas as pd

    Patients = Union[Reconstruction, PseudoIPD, pd.DataFrame, Sequence[PseudoIPD]]  # noqa: UP007

__all__ = ["ArmData", "arm_data", "named_apart"]

_UNNAMED = "arm"
"""The name that `PseudoIPD` gives an arm which has none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmData:
    """One arm's central data set and its draws, which are that data set alone where there are none."""

    central: PseudoIPD
    draws: tuple[PseudoIPD, ...]

    @property
    def name(self) -> str:
        """The arm's name."""
        return self.central.arm

    def named(self, name: str) -> ArmData:
        """Return the same patients under another name."""
        return ArmData(central=replace(self.central, arm=name), draws=tuple(replace(d, arm=name) for d in self.draws))


def arm_data(patients: Patients, *, draws: int, where: str = "arm") -> ArmData:
    """Read an arm from a reconstruction, a data set, a data frame, or a sequence of draws.

    Parameters
    ----------
    patients : Reconstruction, PseudoIPD, DataFrame or sequence of PseudoIPD
        A frame has columns for time and event under their usual names, and may have one for the arm.
    draws : int
        How many draws to take of a reconstruction that has them; with 0 its central data set stands alone.
    where : str
        The argument's name, for messages.

    Raises
    ------
    AnalysisError
        If it is none of these, holds two arms, or is empty.
    """
    if draws < 0:
        raise AnalysisError("draws", "a number from 0, the central data set alone", f"{draws}", "give another")
    if isinstance(patients, Reconstruction):
        sampled = patients.draws(draws) if patients.has_draws and draws > 0 else [patients.ipd]
        return ArmData(central=patients.ipd, draws=tuple(sampled))
    if isinstance(patients, PseudoIPD):
        return ArmData(central=patients, draws=(patients,))
    if isinstance(patients, Sequence) and patients and all(isinstance(d, PseudoIPD) for d in patients):
        return ArmData(central=patients[nearest_to_middle(patients)], draws=tuple(patients))
    frame: Any = patients
    if hasattr(frame, "columns"):
        data = PseudoIPD.from_frame(frame, arm=_frame_name(frame, where))
        return ArmData(central=data, draws=(data,))
    raise AnalysisError(
        where,
        "a reconstruction, rebuilt patients, a data frame, or draws of one arm",
        "nothing" if isinstance(patients, Sequence) and not patients else f"a {type(patients).__name__}",
        "pass what reconstruct() returned, or columns time and event",
    )


def named_apart(control: ArmData, treatment: ArmData) -> tuple[ArmData, ArmData]:
    """Return both arms under different names: ``control`` and ``treatment`` where they have none.

    Raises
    ------
    AnalysisError
        If both bear the same name, or their time units differ.
    """
    if control.name == _UNNAMED:
        control = control.named("control")
    if treatment.name == _UNNAMED:
        treatment = treatment.named("treatment")
    if control.name == treatment.name:
        raise AnalysisError(
            "control, treatment", "arms have different names", f"{control.name} twice", "name one of them otherwise"
        )
    units = control.central.time_unit, treatment.central.time_unit
    if units[0] != units[1]:
        raise AnalysisError(
            f"{control.name}, {treatment.name}", "one time unit", " and ".join(units), "convert one of them"
        )
    return control, treatment


def _frame_name(frame: Any, where: str) -> str:
    names = list(map(str, frame.columns))
    columns = find_columns(names, where=where, stated=StatedColumns(options=False), single_arm=True)
    if columns.arm is None:
        return _UNNAMED
    found = frame.iloc[:, columns.arm].unique()
    if len(found) != 1:
        shown = ", ".join(map(str, found))[:80] or "no row"
        raise AnalysisError(
            where, "the patients of one arm", shown, f"select one value of the column {names[columns.arm]}"
        )
    return str(found[0])

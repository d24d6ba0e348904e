"""What is handed over, and to whom; what must be said with it, and what is not handed over at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from survrecon.callers import option_name
from survrecon.errors import ReportError
from survrecon.model.convention import Estimator
from survrecon.records.schema import NOT_GIVEN, RecordDocument, SourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.analysis.fits.results import FitSet
    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD

__all__ = ["ExportTarget", "ExportedTrial", "no_patients_because", "notice_lines", "refuse_as_patients"]


class ExportTarget(StrEnum):
    """The program, or kind of file, that an export is for."""

    MULTINMA = "multinma"
    """R: network meta-analysis of individual and aggregate data."""
    MAICPLUS = "maicplus"
    """R: matching-adjusted indirect comparison."""
    FLEXSURV = "flexsurv"
    """R: flexsurv, flexsurvcure and survHE, which fit the same models."""
    SURVEXTRAP = "survextrap"
    """R: extrapolation with external data."""
    HESIM = "hesim"
    """R: cost-effectiveness models from samples of parameters."""
    EXCEL = "excel"
    """A workbook whose formulas give S(t)."""
    META = "meta"
    """One row a contrast, for metafor and others."""

    @property
    def has_patients(self) -> bool:
        """Whether rebuilt patients are handed over."""
        return self in (self.MULTINMA, self.MAICPLUS, self.FLEXSURV, self.SURVEXTRAP)

    @property
    def has_fits(self) -> bool:
        """Whether fits are handed over."""
        return self in (self.FLEXSURV, self.HESIM, self.EXCEL)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ExportedTrial:
    """One trial and endpoint, as it is handed over.

    Parameters
    ----------
    study, endpoint : str
        As the record names them.
    time_unit : str
        Of all times.
    central : mapping of str to PseudoIPD
        The central data set of each arm, control first.
    draws : mapping of str to sequence of PseudoIPD
        Draws, as many of every arm; empty where the method does not draw.
    document : RecordDocument or None
        What the figure and the paper say.
    fits : FitSet or None
        Of an export that has fits.
    samples : int
        Samples of parameters that are handed over.
    seed : int
        Of these.
    external : array of float, shape (k, 4), or None
        Start, stop, patients at the start, survivors at the stop, of other patients followed for longer.
    """

    study: str
    endpoint: str
    time_unit: str
    central: Mapping[str, PseudoIPD]
    draws: Mapping[str, Sequence[PseudoIPD]]
    document: RecordDocument | None = None
    fits: FitSet | None = None
    samples: int = 1000
    seed: int = 0
    external: FloatArray | None = None

    @property
    def draw_count(self) -> int:
        """Number of draws; 0 where there are none."""
        return max((len(found) for found in self.draws.values()), default=0)

    @property
    def data_sets(self) -> list[tuple[str, list[PseudoIPD]]]:
        """Every data set with the file that holds it: ``central.csv`` first, then one file a draw."""
        found = [("central.csv", list(self.central.values()))]
        for k in range(self.draw_count):
            patients = [
                (self.draws.get(name) or [ipd])[k if name in self.draws else 0] for name, ipd in self.central.items()
            ]
            found.append((f"draws/draw_{k + 1:04d}.csv", patients))
        return found


def no_patients_because(document: RecordDocument | None) -> str:
    """Return why a curve's patients are no patients of anybody; empty where they are.

    A weighted or adjusted curve has no patients behind it whose Kaplan-Meier estimate it is, and a cumulative incidence
    counts those who had another event as neither at risk nor censored.
    """
    if document is None:
        return ""
    if document.digitized.estimator in (Estimator.COMPETING, Estimator.CAUSES):
        return "cumulative incidences with competing events (Aalen-Johansen), not 1 - S of any patients"
    if document.analysis.naive:
        return document.analysis.naive.rstrip(".")
    return ""


def refuse_as_patients(trial: ExportedTrial, target: ExportTarget) -> None:
    """Refuse to hand over as patients what is none.

    Raises
    ------
    ReportError
        If the curve is weighted, adjusted, or of competing events, and the export holds patients.
    """
    reason = no_patients_because(trial.document)
    if reason and target.has_patients:
        raise ReportError(
            f"{trial.study}: {option_name('to', str(target))}",
            "an ordinary Kaplan-Meier curve, whose patients can be handed over",
            reason,
            f"hand over its contrast, with {option_name('to', str(ExportTarget.META))}",
        )


def notice_lines(trial: ExportedTrial, target: ExportTarget) -> list[str]:
    """Return what stands in every export: what the patients, or what was made of them, are and are not."""
    lines = [
        f"Study {trial.study}, endpoint {trial.endpoint}, times in {trial.time_unit}. For {target}.",
        "",
        "What this is: patients rebuilt from a published Kaplan-Meier curve, or estimates from them. Each data set has",
        "the curve, the numbers of patients and, where printed, the numbers at risk and of events of the figure.",
        "What this is not: the trial's own patients. Nobody in them is a person of the trial. They have a time and an",
        "event of one endpoint, and no covariates: nothing adjusted or stratified can be computed from them, and two",
        "endpoints of one trial cannot be joined patient by patient.",
    ]
    if trial.draw_count:
        lines += [
            f"There are {trial.draw_count} draws: data sets that all agree with the figure. What differs among them is",
            "what the figure leaves open. Analyse each by itself and pool the results; central.csv is the draw in the",
            "middle of them, and by itself gives intervals that are too narrow. Never stack draws into one data set:",
            f"it would have the patients {trial.draw_count} times over.",
        ]
    else:
        lines.append("There is one data set: the method that rebuilt it does not tell what the figure leaves open.")
    document = trial.document
    if document is not None and document.digitized.kind is SourceKind.SUMMARY:
        lines.append("SUMMARY: built from printed numbers, not read from a figure; what is not printed was assumed.")
    if document is not None and document.digitized.estimator is Estimator.ASSUMED:
        lines.append("The figure shows rising curves; they were taken to be 1 - S, which no word of the figure says.")
    if reason := no_patients_because(document):
        lines.append(f"No patients are handed over: {reason}.")
    if document is not None and document.digitized.citation != NOT_GIVEN:
        lines.append(f"Please cite the paper behind the curve: {document.digitized.citation}")
    return lines

"""Two readers of a review, or two records, compared and told; and the record in which a consensus is reached."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survrecon.errors import ReviewError
from survrecon.files.outputs import write_whole
from survrecon.records.folder import RECORD_FILE, read_document, read_figure
from survrecon.records.schema import ReadersApart
from survrecon.report.json import dump_json, plain
from survrecon.report.page import tables_page
from survrecon.report.table import TextTable
from survrecon.review.agreement import ReaderRecord, ReadersAgreement, compared
from survrecon.review.folder import (
    CONSENSUS,
    ReaderFolder,
    accepted_parts,
    open_reader,
    open_review,
    publish_record,
    reader_names,
)
from survrecon.review.readings_apart import OF_CURVES, matched_arms
from survrecon.review.rebuilt import record_in_memory
from survrecon.review.state import ReviewDoubtItem, ReviewState, RowKind, StartedFrom

if TYPE_CHECKING:
    from collections.abc import Mapping

    from survrecon.records.schema import RecordDocument
    from survrecon.review.folder import ReviewFolder
    from survrecon.review.readings_apart import FactApart

__all__ = [
    "agreement_tables",
    "agreement_to_dict",
    "compare_readers",
    "compare_records",
    "lead_of",
    "put_on_record",
    "write_agreement",
]

_PAGE, _JSON = "agreement.html", "agreement.json"
ONE_DIFFERENCE = "rests on one difference"
"""What must be said of an excess that two readers show."""
_DIGITS = 6
"""Decimals of ln HR that a record holds."""


def compare_readers(folder: Path, readers: tuple[str, ...] = ()) -> ReadersAgreement:
    """Compare two readers of a review, and start the consensus where facts differ.

    Parameters
    ----------
    folder : Path
        The review's folder.
    readers : tuple of str
        Whom, by name; may be left out where there are two.

    Raises
    ------
    ReviewError
        If there are not two readers who have accepted, or they cannot be compared.
    """
    review = open_review(folder)
    names = readers or tuple(name for name in reader_names(folder) if name != CONSENSUS)
    if len(names) != 2 or len(set(names)) < 2:
        got = ", ".join(names) or "none"
        raise ReviewError(str(folder), "two readers", got, "name two of them, or have a second one read the figure")
    found = [_accepted(review, name) for name in names]
    found.sort(key=lambda reader: reader[0].name != _used(folder))
    result = compared(found[0][0], found[1][0])
    if result.facts and CONSENSUS not in reader_names(folder):
        start = consensus_start(found[0][1], result)
        open_reader(review, CONSENSUS, started_from=StartedFrom.AGREEMENT, start=start, readers=result.readers)
    if result.facts and _in_use(folder) == CONSENSUS:
        return _after_settling(review, result, {record.name: record for record, _ in found})
    return result


def _after_settling(
    review: ReviewFolder, result: ReadersAgreement, readers: Mapping[str, ReaderRecord]
) -> ReadersAgreement:
    """Hold the consensus, which has settled the facts, against the curves of the reader from whom it did not start."""
    consensus = open_reader(review, CONSENSUS)
    if set(consensus.readers) != set(readers):
        return result
    used, _ = _accepted(review, CONSENSUS)
    other = readers[consensus.readers[1]]
    if any(fact.field in OF_CURVES for fact in result.facts):
        said = f"what was settled makes {other.name}'s curves others: how far they are off by chance is not judged"
        return replace(result, facts=(), settled=result.facts, ratios=(), curves=(), notes=(*result.notes, said))
    pairs = matched_arms(used.record, other.record)
    curves = {a: other.record.curves[b] for a, b in pairs.items()}
    again = replace(other, record=replace(used.record, curves={**used.record.curves, **curves}), cells=used.cells)
    found = compared(used, again)
    notes = tuple(dict.fromkeys((*result.notes, *found.notes)))
    return replace(found, settled=result.facts, notes=notes)


def put_on_record(folder: Path, result: ReadersAgreement) -> bool:
    """Write into the record of a review how far the ratios of two readers are apart; whether that was done.

    It is done where the record is that of the reading which is used, as it was accepted, and ratios were judged. From
    then on `survrecon run` adds an excess once.

    Parameters
    ----------
    folder : Path
        The review's folder.
    result : ReadersAgreement
        What came of the readers.

    Raises
    ------
    SurvreconError
        If the record cannot be read or written.
    """
    used, other = result.readers
    judged = [ratio for ratio in result.ratios if ratio.reading_error is not None]
    if not judged or result.facts or _in_use(folder) != used:
        return False
    review = open_review(folder)
    reader = open_reader(review, used)
    parts = accepted_parts(review, reader, _progress(reader))
    now = read_document(folder)
    if with_second_reader(now, None) != parts.document:
        return False
    apart = tuple(
        ReadersApart(
            readers=(used, other), of=ratio.of, over=ratio.over, difference=round(ratio.difference, _DIGITS),
            excess=round(ratio.excess, _DIGITS),
        )
        for ratio in judged
    )  # fmt: skip
    if now.digitized.second_reader != apart:
        publish_record(folder, replace(parts, document=with_second_reader(parts.document, apart)))
    return True


def with_second_reader(document: RecordDocument, apart: tuple[ReadersApart, ...] | None) -> RecordDocument:
    """Return a document that says how far two readers' ratios are apart, or says nothing of it."""
    digitized = document.digitized.model_copy(update={"second_reader": apart})
    return document.model_copy(update={"digitized": digitized})


def _in_use(folder: Path) -> str | None:
    """Return the reader whose record stands in the folder."""
    if not (folder / RECORD_FILE).is_file():
        return None
    review = read_document(folder).digitized.review
    return None if review is None else review.reader


def _used(folder: Path) -> str | None:
    """Return the reader whose reading is used: of a consensus the one from whom it started."""
    found = _in_use(folder)
    if found != CONSENSUS:
        return found
    review = read_document(folder).digitized.review
    return review.readers[0] if review is not None and review.readers else found


def _accepted(review: ReviewFolder, name: str) -> tuple[ReaderRecord, ReviewState]:
    """Return what a reader accepted last."""
    known = reader_names(review.path)
    if name not in known:
        raise ReviewError(
            f"reader {name}", f"one of {', '.join(known) or 'none yet'}", "no such reader", "correct the name"
        )
    reader = open_reader(review, name)
    accepted = _progress(reader)
    parts = accepted_parts(review, reader, accepted)
    record = ReaderRecord(
        name=name,
        record=record_in_memory(parts, name),
        started_from=str(reader.started_from),
        cells=_cells(accepted.state),
    )
    return record, accepted.state


def _cells(state: ReviewState) -> dict[str, dict[float, int]]:
    """Return the numbers at risk as they were read, by arm and time."""
    return {
        name: {t: c.value for t, c in zip(state.table.times, row.cells, strict=True) if c.value is not None}
        for row in state.table.rows
        if row.kind is RowKind.AT_RISK and (name := state.name_of(row.arm)) is not None
    }


def _progress(reader: ReaderFolder) -> Any:
    accepted = reader.log.replayed(reader.start).accepted
    if accepted is None:
        raise ReviewError(
            f"reader {reader.name}", "a record that the reader has accepted", "none", "accept it on the page first"
        )
    return accepted


def compare_records(first: Path, second: Path) -> ReadersAgreement:
    """Compare two records of one figure, each of a reader.

    Raises
    ------
    SurvreconError
        If a record cannot be read, or they cannot be compared.
    """
    found = []
    for folder in (first, second):
        record = read_figure(folder)
        review = record.document.digitized.review
        name = folder.name if review is None else review.reader
        found.append(
            ReaderRecord(name=name, record=record, started_from=None if review is None else review.started_from)
        )
    if found[0].name == found[1].name:
        found = [
            ReaderRecord(name=f"{reader.name} ({folder.name})", record=reader.record, started_from=reader.started_from)
            for reader, folder in zip(found, (first, second), strict=True)
        ]
    return compared(found[0], found[1])


def consensus_start(state: ReviewState, result: ReadersAgreement) -> ReviewState:
    """Return the first reader's state with a doubt for every fact in which the readers differ."""
    one, other = result.readers
    doubts = tuple(
        ReviewDoubtItem(
            id=f"d{k}",
            field=fact.field,
            text=f"{fact.place}: {one} has {fact.one}, {other} has {fact.other}",
            arm=next((arm.id for arm in state.arms if arm.name == fact.arm), None),
            time=fact.at,
            read=fact.one,
            where=fact.place,
            why=f"{other} has {fact.other}",
            derived=True,
            at=_place(state, fact),
        )
        for k, fact in enumerate(result.facts, start=1)
    )
    return state.model_copy(update={"doubts": doubts})


def _place(state: ReviewState, fact: FactApart) -> tuple[float, float] | None:
    """Return where a difference is in the picture: its cell, or its time."""
    if fact.at is None or not state.calibrated:
        return None
    arm = next((arm.id for arm in state.arms if arm.name == fact.arm), None)
    for row in state.table.rows:
        for time, cell in zip(state.table.times, row.cells, strict=True):
            if fact.field == "numbers at risk" and row.arm == arm and time == fact.at and cell.box is not None:
                return (cell.box[0] + cell.box[2]) / 2, (cell.box[1] + cell.box[3]) / 2
    x0, y0, x1, y1 = state.frame
    return min(max(float(state.time_axis.pixel(fact.at)), x0), x1), (y0 + y1) / 2


def agreement_to_dict(result: ReadersAgreement) -> dict[str, Any]:
    """Return what came of two readers as plain values."""
    told: dict[str, Any] = plain(
        {
            "readers": result.readers,
            "started_from": result.started_from,
            "agrees": result.agrees,
            "used": result.readers[0],
            "facts": [asdict(fact) for fact in result.facts],
            "settled": [asdict(fact) for fact in result.settled],
            "curves": [asdict(curve) for curve in result.curves],
            "ratios": [
                asdict(ratio)
                | {"standard_error_with_excess": ratio.with_excess}
                | ({"note": ONE_DIFFERENCE} if ratio.excess else {})
                for ratio in result.ratios
            ],
            "notes": result.notes,
        }
    )
    return told


def agreement_tables(result: ReadersAgreement) -> list[TextTable]:
    """Return what came of two readers as tables."""
    one, other = result.readers
    facts = TextTable(
        heading=f"Facts that differ: {len(result.facts)}",
        columns=("what", one, other),
        rows=tuple((fact.place, fact.one, fact.other) for fact in result.facts),
        notes=("They are settled by looking at the figure again, never averaged.",) if result.facts else (),
    )
    curves = TextTable(
        heading="Curves",
        columns=("arm", "mean |dS|", "largest |dS|", "at", "time shift", "root mean square", "expected", "verdict"),
        rows=tuple(
            (
                curve.arm, f"{curve.mean:.4f}", f"{curve.largest:.4f}", f"{curve.largest_at:.4g}",
                f"{curve.time_shift:.3g}", f"{curve.root_mean_square:.4f}", f"{curve.expected:.4f}",
                _verdict(curve.within, curve.excess, "of S"),
            )
            for curve in result.curves
        ),
        notes=("Expected is what the reading model says of two readings, the root of 2 sigma^2.",),
        numeric=("mean |dS|", "largest |dS|", "at", "time shift", "root mean square", "expected"),
    )  # fmt: skip
    ratios = TextTable(
        heading="Hazard ratios",
        columns=("ratio", one, other, "d ln HR", "reading error", "standard error of ln HR", "verdict"),
        rows=tuple(
            (
                f"{ratio.of} over {ratio.over}", f"{ratio.values[0]:.3f}", f"{ratio.values[1]:.3f}",
                f"{ratio.difference:+.4f}", "" if ratio.reading_error is None else f"{ratio.reading_error:.4f}",
                f"{ratio.standard_error:.4f}" + (f"; with the excess {ratio.with_excess:.4f}" if ratio.excess else ""),
                "not judged: facts differ" if ratio.reading_error is None
                else _verdict(ratio.within, ratio.excess, "of ln HR"),
            )
            for ratio in result.ratios
        ),
        numeric=(one, other, "d ln HR", "reading error"),
    )  # fmt: skip
    if result.settled:
        facts = TextTable(
            heading=f"Facts that differed, settled: {len(result.settled)}",
            columns=("what", "one reader", "the other one"),
            rows=tuple((fact.place, fact.one, fact.other) for fact in result.settled),
        )
    tables = [facts, curves, ratios]
    return [table for table in tables if table.rows or table is facts]


def _verdict(within: bool, excess: float, of: str) -> str:
    if within:
        return "within the reading model"
    return f"beyond it: excess {excess:.4f} {of}, added once; {ONE_DIFFERENCE}"


def lead_of(result: ReadersAgreement) -> list[str]:
    """Return what is to be said before the tables."""
    one, other = result.readers
    said = [f"{one} and {other} read the same figure."]
    if result.settled:
        count = (
            f"{len(result.settled)} fact{' that differed is' if len(result.settled) == 1 else 's that differed are'}"
        )
        said = [
            f"{count} settled in the consensus record, whose reading is used; {other}'s curves are held against it."
        ]
    elif not result.facts:
        said.append(f"No fact differs; {one}'s reading is used" + (", and nothing is added." if result.agrees else "."))
    else:
        said.append("The facts below must be settled before either reading is used.")
    return [*said, *(f"{note[:1].upper()}{note[1:]}." for note in result.notes)]


def write_agreement(result: ReadersAgreement, folder: Path) -> Path:
    """Write page and JSON of what came of two readers; return where the page is.

    Raises
    ------
    ReportError
        If the folder cannot be written to.
    """
    title = f"Two readers: {' and '.join(result.readers)}"
    write_whole(folder / _JSON, dump_json(agreement_to_dict(result)))
    return write_whole(folder / _PAGE, tables_page(title, lead_of(result), agreement_tables(result)))

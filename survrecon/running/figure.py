"""Digitize a figure into a record folder, and run the record."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from pydantic import ValidationError

from survrecon.callers import option_name
from survrecon.digitizing import (
    DigitizedArm,
    DigitizedFigure,
    FailedPanel,
    arm_curve,
    digitize,
    digitize_panels,
    draw_overlay,
)
from survrecon.digitizing.result import CountSource
from survrecon.digitizing.so_far import reading_of, shows_itself
from survrecon.digitizing.words.risk_table import LATE_ENTRY
from survrecon.errors import CurveError, RecordError, SurvreconError
from survrecon.files.option_kinds import OptionRole
from survrecon.model.convention import Estimator
from survrecon.model.curve import AtRiskConvention, RiskTable, SurvivalCurve
from survrecon.model.document import document_error
from survrecon.records.folder import (
    RUN_FILE,
    STATE_FILE,
    FigureRecord,
    read_figure,
    refuse_other_than_record,
    write_record,
)
from survrecon.records.new import RecordFiles, number_of_patients, read_risk_tables, refuse_total
from survrecon.records.schema import NOT_GIVEN, RecordDocument
from survrecon.report.settings import OVERLAY
from survrecon.running.as_read import (
    ArmNumbers,
    analysis_as_read,
    automatic_reading,
    axes_as_read,
    digitized_as_read,
    prefer_typed,
    tables_as_read,
    to_be_checked,
    totals_of_table,
)
from survrecon.running.facts import PLACE, control_as_read, printed_facts
from survrecon.running.folder import Source, refuse_other_run, write_run
from survrecon.running.options import of_roles, run_keywords
from survrecon.running.page import folder_names, refuse_other_page, write_page
from survrecon.running.readings import Typed, figure_readings
from survrecon.running.record import run_record
from survrecon.running.refused import leave_pictures, leave_record, leaves_its_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from survrecon.checks.results import RecordResult

__all__ = ["digitize_to_records", "digitized_record", "figure_as_record", "run_figure"]

_SOURCE = "figure"
NO_PATIENTS = "number of patients not printed"
"""The place of an arm's number of patients where the figure has none, and none was typed."""


def digitized_record(
    folder: str | Path,
    figure: DigitizedFigure,
    *,
    control: str | None = None,
    n: Mapping[str, int] | None = None,
    events: Mapping[str, int] | None = None,
    risk_table: str | Path | None = None,
    late_entry: bool = False,
    typed: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> FigureRecord:
    """Write a digitized figure as a record folder, the picture for review beside it.

    Parameters
    ----------
    folder : str or Path
        Where the record goes: new, empty, or a record that was written like this and nobody changed.
    figure : DigitizedFigure
        What was read.
    control : str or None
        The control arm; where left out, as printed ratios or the arms' names say, else the first.
    n, events : mapping of str to int
        Patients and total events by arm; as printed where left out.
    risk_table : path or None
        Numbers at risk, in place of those that were read.
    late_entry : bool
        Whether to go on although patients enter late; the numbers at risk are then not used.
    typed : mapping of str to value
        The digitizer's options that were typed; what is read without them stands beside them in the record.
    overwrite : bool
        Whether files that a person changed or put there are replaced.

    Returns
    -------
    FigureRecord
        The record as read back from the folder.

    Raises
    ------
    RecordError
        If an option names no arm or not as many curves as there are, patients enter late, or the folder holds
        something.
    """
    document, files = figure_as_record(
        figure,
        control=control,
        n=n,
        events=events,
        risk_table=risk_table,
        late_entry=late_entry,
        typed=typed,
    )
    graded = replace(figure, reading=document.digitized.reading)
    contents: dict[str, str | bytes] = {**files, OVERLAY: draw_overlay(graded)}
    return read_figure(write_record(folder, document, contents, overwrite=overwrite))


def figure_as_record(
    figure: DigitizedFigure,
    *,
    control: str | None = None,
    n: Mapping[str, int] | None = None,
    events: Mapping[str, int] | None = None,
    risk_table: str | Path | None = None,
    late_entry: bool = False,
    typed: Mapping[str, Any] | None = None,
    read_before: DigitizedFigure | None = None,
) -> tuple[RecordDocument, dict[str, str]]:
    """Return the document of a record of a digitized figure, and its other files by name.

    Parameters
    ----------
    figure, control, n, events, risk_table, late_entry, typed
        As of `digitized_record`.
    read_before : DigitizedFigure or None
        What the program read by itself, of a figure that a person corrected; where left out, it is read again without
        what was typed.

    Raises
    ------
    RecordError
        As of `digitized_record`.
    """
    where = str(figure.path) + (f", panel {figure.panel}" if figure.panel else "")
    names = [arm.name for arm in figure.arms]
    for option, given in (("n", n), ("events", events), ("control", [control] if control else [])):
        _known(where, option, given or (), names)
    figure = _entry(where, figure, late_entry=late_entry, typed_table=risk_table is not None)
    remarks = list(figure.warnings)
    tables = (
        read_risk_tables(risk_table, names, AtRiskConvention.AUTO) if risk_table else tables_as_read(figure, remarks)
    )
    if risk_table:
        remarks += dict.fromkeys(note for table in tables.values() for note in table.notes)
    files = RecordFiles()
    said = Typed(
        options=typed or {}, n=n or {}, events=events or {}, control=control, tables=tables if risk_table else {}
    )
    read_tables = tables
    arms, tables = _arms(where, figure, tables, said, files, remarks, typed_table=risk_table)
    typed_arms = {*said.n, *said.events, *said.tables}
    figure = to_be_checked(figure, [one for one in read_tables if one not in tables and one not in typed_arms])
    facts, more = printed_facts(
        figure.printed,
        arms=names,
        control=control,
        time_unit=figure.time_unit or "months",
        source=_SOURCE,
        rising=figure.rising,
    )
    said = replace(said, tables=tables if risk_table else {})
    untyped = automatic_reading(figure, said.options) if read_before is None else read_before
    readings = figure_readings(figure, untyped, tables, {arm["name"]: arm for arm in arms}, typed=said)
    remarks += [reading.remark for reading in readings if reading.disagrees]
    _, _, control_source = control_as_read(names, figure.printed, control)
    document: dict[str, Any] = {
        "format": 1,
        "digitized": digitized_as_read(figure, tables, [*remarks, *more])
        | {"readings": files.add_readings(readings)}
        | ({} if control_source is None else {"control_source": control_source}),
        "analysis": analysis_as_read(figure),
        "axes": axes_as_read(figure),
        "arms": arms,
        "published": [fact.model_dump(mode="json", exclude_none=True) for fact in facts],
        "references": {_SOURCE: {"citation": NOT_GIVEN, "read": f"the figure {figure.path.name}"}},
    }
    if tables:
        document["risk_table"] = {"points": files.add_risk_table(tables, names), "convention": "auto"}
    return _validated(where, document), dict(files.texts)


def _validated(where: str, document: Mapping[str, Any]) -> RecordDocument:
    try:
        return RecordDocument.model_validate(document)
    except ValidationError as error:
        raise document_error(error, where) from None


def _arms(
    where: str,
    figure: DigitizedFigure,
    tables: Mapping[str, RiskTable],
    said: Typed,
    files: RecordFiles,
    remarks: list[str],
    *,
    typed_table: str | Path | None,
) -> tuple[list[dict[str, Any]], dict[str, RiskTable]]:
    """Return the arms' part of the record, its files added, and the numbers at risk that nothing typed contradicts."""
    of_table = totals_of_table(figure)
    totals = of_table | _totals(figure) | dict(said.events)
    strata, controls, _ = control_as_read([arm.name for arm in figure.arms], figure.printed, said.control)
    arms, kept_tables = [], dict(tables)
    for arm in figure.arms:
        name, table = arm.name, tables.get(arm.name)
        keys, curve = _arm(where, figure, arm, table, said.n.get(name), typed_table=typed_table)
        if name in said.events and "n" in keys:
            refuse_total(f"{where}: {option_name('events')}", name, said.events[name], keys["n"])
        marks = 0 if arm.censor_times is None else arm.censor_times.size
        stated: dict[str, Collection[str]] = {"n": said.n, "table": said.tables, "events": said.events}
        total = totals.get(name)
        if "n" in keys:
            typed = [key for key, by_arm in stated.items() if name in by_arm]
            numbers = ArmNumbers(n=keys["n"], table=table, events=total, marks=marks, typed=typed)
            kept = prefer_typed(name, curve, numbers, remarks)
            table, total, marks = kept.table, kept.events, kept.marks
        if total is not None and total == of_table.get(name) and name not in said.events:
            remarks.append(
                f"{name}: {total} events in total, by what is printed beside the numbers at risk, are held to"
            )
        if table is not None:
            kept_tables[name] = table
        else:
            kept_tables.pop(name, None)
        keys |= {"points": files.add_points(name, curve)}
        if arm.ends_at is not None:
            keys |= {"ends_at": arm.ends_at, "cut": arm.cut}
        if arm.censor_times is not None and marks:
            keys["censored"] = files.add_censor_times(name, np.maximum(arm.censor_times, 0.0))
        keys |= {"role": "control" if name in controls else "treatment"}
        keys |= {} if strata[name] is None else {"stratum": strata[name]}
        arms.append(keys | ({"events": total} if total is not None else {}))
    return arms, kept_tables


def _arm(
    where: str,
    figure: DigitizedFigure,
    arm: DigitizedArm,
    table: RiskTable | None,
    given: int | None,
    *,
    typed_table: str | Path | None,
) -> tuple[dict[str, Any], SurvivalCurve]:
    """Return an arm's table, files aside, and its curve."""
    try:
        curve = arm_curve(figure, arm)
    except CurveError as error:
        raise error.at(f"{where}, arm {arm.name}") from None
    keys: dict[str, Any] = {"name": arm.name, "source": _SOURCE}
    from_table = typed_table is not None and table is not None and table.time[0] == 0
    if given is not None:
        read = f"; read: {arm.n}" if arm.n not in (None, given) and arm.n_source is not CountSource.GIVEN else ""
        size = number_of_patients(arm.name, given, table if typed_table is not None else None)
        return keys | {"n": size, "place": f"given by hand{read}"}, curve
    fits = arm.n is not None and (table is None or typed_table is None or int(table.at_risk.max()) <= arm.n)
    if arm.n is not None and not from_table and fits:
        return keys | {"n": arm.n, "place": f"{PLACE}: {arm.n_source}"}, curve
    if table is None or table.time[0] != 0:
        return keys | {"place": NO_PATIENTS}, curve
    place = "risk table" + (" given" if typed_table is not None else "")
    return keys | {"n": number_of_patients(arm.name, None, table), "place": place}, curve


def _entry(where: str, figure: DigitizedFigure, *, late_entry: bool, typed_table: bool) -> DigitizedFigure:
    """Return the figure as it is taken where its numbers at risk were read to rise at first.

    Raises
    ------
    RecordError
        If patients enter late and neither that nor the numbers at risk are typed, or that is typed for nothing.
    """
    if late_entry and not figure.late_entry:
        raise RecordError(
            f"{where}: {option_name('late_entry')}",
            "numbers at risk that rise at first",
            "none that do",
            "leave it out",
        )
    if not figure.late_entry or late_entry:
        return figure
    if not typed_table:
        raise RecordError(
            where,
            "an ordinary Kaplan-Meier curve",
            "numbers at risk that rise at first: patients enter late (left truncation)",
            f"give {option_name('late_entry', True)} and {option_name('n')} to go on as if they did not, "
            f"or {option_name('risk_table')} if they were misread",
        )
    said = "the printed numbers at risk were read to rise at first, as where patients enter late; those typed are used"
    warnings = tuple(said if warning == LATE_ENTRY else warning for warning in figure.warnings)
    return replace(figure, late_entry=False, warnings=warnings)


def _totals(figure: DigitizedFigure) -> dict[str, int]:
    """Return the totals of events that the figure prints beside an arm's name."""
    return {s.arm: int(s.value) for s in figure.printed if s.quantity == "events" and s.arm and s.value is not None}


def _known(where: str, option: str, given: Iterable[str], names: list[str]) -> None:
    for name in given:
        if name not in names:
            raise RecordError(
                f"{where}: {option_name(option)}",
                f"the name of an arm: {', '.join(names)}",
                repr(name),
                "name one of these",
            )


_Made = TypeVar("_Made")


def digitize_to_records(
    path: str | Path,
    folder: str | Path,
    options: Mapping[str, Any],
    failed: list[FailedPanel] | None = None,
    *,
    overwrite: bool = False,
    to_rebuild: bool = False,
    seen: list[DigitizedFigure] | None = None,
) -> list[FigureRecord]:
    """Digitize a figure into a record folder; with ``panel="all"`` into one subfolder per panel.

    Parameters
    ----------
    path : str or Path
        PNG, JPEG, PDF or SVG.
    folder : str or Path
        Where the record goes: new, empty, or a record that the same command wrote and nobody changed.
    options : mapping
        Those of `survrecon.digitizing.Options` and of `digitized_record`.
    failed : list of FailedPanel or None
        With ``panel="all"``, panels that fail are added to it and the others are still made.
    overwrite : bool
        Whether files that a person changed or put there are replaced.
    to_rebuild : bool
        Whether patients are to be rebuilt, so that curves of several causes are refused.
    seen : list of DigitizedFigure or None
        With ``panel="all"``, the panels whose curves were read are added to it, and the caller writes the page's own
        files; without it they are written here.

    Raises
    ------
    SurvreconError
        If the figure cannot be read or the record cannot be made of it; of several panels, if none can.
    """
    folder = Path(folder)
    if options.get("panel") == "all":
        refuse_other_page(folder, overwrite=overwrite)
    else:
        refuse_other_than_record(folder, overwrite=overwrite)
    with leaves_its_picture(folder, STATE_FILE, overwrite=overwrite):
        made = _to_records(path, folder, options, failed, overwrite=overwrite, to_rebuild=to_rebuild, seen=seen)
    leave_pictures(failed or (), folder, STATE_FILE, overwrite=overwrite)
    return made


def _to_records(
    path: str | Path,
    folder: Path,
    options: Mapping[str, Any],
    failed: list[FailedPanel] | None,
    *,
    overwrite: bool,
    to_rebuild: bool,
    seen: list[DigitizedFigure] | None,
) -> list[FigureRecord]:
    """Digitize a figure into a record folder, or its panels into subfolders; an error bears what was found."""
    stated_of_record = of_roles(OptionRole.RECORD)
    names = {option.name for option in stated_of_record}
    of_record = {key: value for key, value in options.items() if key in names}
    of_figure = {key: value for key, value in options.items() if key not in names}
    of_record["typed"] = dict(of_figure)
    of_figure |= {name: of_record[name] for name in ("n", "risk_table") if of_record.get(name)}
    of_record["overwrite"] = overwrite
    if of_figure.get("panel") != "all":
        figure = digitize(path, **of_figure)
        return [_recorded(folder, figure, of_record, to_rebuild=to_rebuild)]
    figures = digitize_panels(path, failed=failed, **{**of_figure, "panel": None})
    folders = [folder / name for name in folder_names(figures)]
    if not failed:  # else an arm may be one of a panel that failed
        _refuse_unused(str(path), figures, of_record)
    named = [(figure.panel, (target, figure)) for target, figure in zip(folders, figures, strict=True)]

    def record(pair: tuple[Path, DigitizedFigure]) -> FigureRecord:
        return _recorded(pair[0], pair[1], _of_panel(of_record, pair[1]), to_rebuild=to_rebuild)

    records = _each(named, record, failed)
    if seen is None:
        of_panels = [target.name for target in folders]
        write_page(
            Path(folder),
            path,
            figures,
            of_panels,
            failed or (),
            page=of_figure.get("page"),
            overwrite=of_record["overwrite"],
        )
    else:
        seen += figures
    return records


def _recorded(folder: Path, figure: DigitizedFigure, of_record: Mapping[str, Any], *, to_rebuild: bool) -> FigureRecord:
    """Return the record of a figure; what is wrong with it bears the whole reading."""

    def made() -> FigureRecord:
        if to_rebuild:
            _refuse_causes(figure)
        return digitized_record(folder, figure, **of_record)

    return shows_itself(reading_of(figure), made)


def _refuse_causes(figure: DigitizedFigure) -> None:
    """Refuse to rebuild patients from cumulative incidences of several causes."""
    if figure.estimator is Estimator.CAUSES:
        raise RecordError(
            str(figure.path) + (f", panel {figure.panel}" if figure.panel else ""),
            "curves of one cause each arm",
            f"cumulative incidences of several causes, competing events: {', '.join(a.name for a in figure.arms)}",
            "Kaplan-Meier patients cannot be rebuilt from them; "
            f"give {option_name('one_minus_survival', True)} if each is 1 - S all the same",
        )


def _refuse_unused(where: str, figures: Sequence[DigitizedFigure], of_record: Mapping[str, Any]) -> None:
    """Refuse what is stated of no panel."""
    names = list(dict.fromkeys(arm.name for figure in figures for arm in figure.arms))
    control = of_record.get("control")
    for option, given in (("events", of_record.get("events") or ()), ("control", [control] if control else ())):
        for name in given:
            if name not in names:
                raise RecordError(
                    f"{where}: {option_name(option)}",
                    f"the name of an arm: {', '.join(names)}",
                    repr(name),
                    "name one of these",
                )
    if of_record.get("late_entry") and not any(figure.late_entry for figure in figures):
        raise RecordError(
            f"{where}: {option_name('late_entry')}",
            "a panel whose numbers at risk rise at first",
            "none",
            "leave it out",
        )


def _of_panel(of_record: Mapping[str, Any], figure: DigitizedFigure) -> dict[str, Any]:
    """Return what is stated of a panel's own arms."""
    names = [arm.name for arm in figure.arms]
    own = dict(of_record)
    for option in ("n", "events"):
        own[option] = {name: value for name, value in (of_record.get(option) or {}).items() if name in names}
    own["control"] = of_record.get("control") if of_record.get("control") in names else None
    own["late_entry"] = bool(of_record.get("late_entry")) and figure.late_entry
    return own


def run_figure(
    path: str | Path,
    folder: str | Path,
    options: Mapping[str, Any],
    settings: Mapping[str, Any],
    failed: list[FailedPanel] | None = None,
    *,
    overwrite: bool = False,
) -> list[RecordResult]:
    """Digitize a figure, rebuild and analyse its arms, and write the run's folder, a record with its report.

    Parameters
    ----------
    path, folder, options, failed, overwrite
        As for `digitize_to_records`, of a run's folder.
    settings : mapping
        Those of `survrecon.run_record`, and ``compress``: whether the draws are written as ``.gz``.
    """
    folder = Path(folder)
    every = options.get("panel") == "all"
    source = Source(Path(path).name, Path(path), options)
    if every:
        refuse_other_page(folder, overwrite=overwrite)
    else:
        refuse_other_run(folder, source.name, overwrite=overwrite)
    of_run = run_keywords(settings)
    with tempfile.TemporaryDirectory() as name:
        made = Path(name) / "record"

        def run(record: FigureRecord) -> RecordResult:
            target = folder if record.folder == made.resolve() else folder / record.folder.name
            refuse_other_run(target, source.name, overwrite=overwrite)
            try:
                result = run_record(replace(record, name=target.resolve().name), **of_run)
            except SurvreconError as error:
                leave_record(error, record, target, RUN_FILE, overwrite=overwrite)
                raise
            write_run(result, target, settings=settings, source=source, overwrite=overwrite)
            return result

        seen: list[DigitizedFigure] = []
        with leaves_its_picture(folder, RUN_FILE, overwrite=overwrite):
            records = _to_records(path, made, options, failed, overwrite=overwrite, to_rebuild=True, seen=seen)
        panels = [(record.document.digitized.panel, record) for record in records]
        results = _each(panels, run, failed if every else None)
        leave_pictures(failed or (), folder, RUN_FILE, overwrite=overwrite)
        if every:
            write_page(
                folder, path, seen, folder_names(seen), failed or (), page=options.get("page"), overwrite=overwrite
            )
        return results


def _each(
    panels: Sequence[tuple[str | None, Any]], make: Callable[[Any], _Made], failed: list[FailedPanel] | None
) -> list[_Made]:
    """Apply a function to every panel; a panel that fails is noted and does not stop the others."""
    made = []
    for panel, given in panels:
        try:
            made.append(make(given))
        except Exception as error:  # even a fault of the program in one panel must not lose the others
            if failed is None:
                raise
            failed.append(FailedPanel(panel=panel, error=error))
    if failed and not made:
        raise failed[0].error
    return made

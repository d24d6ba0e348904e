"""What a column holds, by its header: one vocabulary for tables of curves and one for tables of patients.

Headers of R's survfit and broom, lifelines, Stata, survHE, IPDfromKM, retroglyph and of the common digitizers are
known, times and survival in a few more languages. What is not known in a table of curves is a name, of a curve
perhaps. In a table of patients two candidates for one role are an error, and so is a column of unknown meaning where
none is the arm: it may be the arm, and arms must not be pooled in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from survrecon.callers import option_name
from survrecon.errors import AnalysisError
from survrecon.model.settings import LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "ColumnRole",
    "NoCodingError",
    "PatientColumns",
    "Role",
    "StatedColumns",
    "column_role",
    "event_values",
    "find_columns",
    "several_endpoints",
    "unit_of",
]


class ColumnRole(StrEnum):
    """What a header says that its column holds."""

    TIME = "times"
    X = "an x axis"
    """A digitizer's name for times; R's for row numbers that were read back."""
    SURVIVAL = "survival"
    FAILURE = "incidence"
    ENDPOINT = "an endpoint"
    """Survival, or the name of one of several curves."""
    CURVE = "curves' names"
    ROW = "row numbers"
    RISK_TIME = "times of a risk table"
    AT_RISK = "numbers at risk"
    EVENT = "events"
    BESIDE = "what other programs write beside survival"
    NAME = "a name"


_UNITS = (
    r"months?|mos?|weeks?|days?|years?|yrs?|monate?n?|wochen?|tage?n?|jahre?n?|mois|semaines?|jours?|ans|années?|"
    r"mes(es)?|semanas?|d[ií]as?|años?|anos?|mesi|settimane|giorni|anni|maanden|weken|dagen|jaren|月数?|年数?|日数?|週数?"
)
_TIMES = (
    r"time ?(line|points?|s)?|times|follow ?up|zeit(punkte?)?|temps|tiempo|tempo|tijd|tid|czas|aika|время|时间|時間"
)
_SINCE = r"(in|since|from|to|after|of|until|post|on|seit|nach|ab|bis|depuis|desde|dopo|sinds) .*"
_SURVIVAL = (
    r"y|s|s\(t\)|ŝ|st|sk|s t|sur|surv|"
    r"(cum(ulative)? )?surv(ival|ivor)?( (prob(ability)?|function|rate|estimate|fraction|percent|%))?|"
    r"prob(ability)?|percent(age)?|%|pct|km|(km|kaplan meier)( (estimate|survival|curve))?|estimate|est|proportion|"
    r"fraction|(ü|ue)berleben.*|survie|(taux|probabilité) de survie|supervivencia|sobrevida|sopravvivenza|overleving|"
    r"przeżycie|生存率?|生存確率|выживаемость"
)
_LIMIT = r"lower|upper|lcl|ucl|lci|uci|ll|ul"
_LEVEL = r"(0 )?9[059]\d* ?%?"
_BESIDE = (
    rf"({_LEVEL} ?(ci )?)?({_LIMIT})( ?(ci|cl|limit|bound|conf(idence)?|{_LEVEL}|%))*|"
    rf"(ci|cl|conf|confidence)( ?(low|high|{_LIMIT}|level|int|interval|limits?|type|1|2))+.*|"
    rf"{_LEVEL} ?(ci|cl|conf.*)|ci|"
    rf".+ ({_LIMIT})( (ci|cl|limit|bound|{_LEVEL}))+|({_SURVIVAL}) (low|high|{_LIMIT}|se|ci|std ?err(or)?).*|"
    r"(robust )?std ?(err|error|dev|chaz)|(greenwood )?se|s e|stderr|var|variance|log ?se|cum ?haz(ard)?|chaz|hazard|"
    r"cumulative hazard|n|(n|no|number|num) ?(of )?(events?|censor(ed)?|cens|deaths?|lost)|"
    r"net lost|beg total|max y|increasing|p[xy]|pixel.*|[xy] pixel|age|sex"
)
_KINDS: tuple[tuple[ColumnRole, str], ...] = (
    (ColumnRole.RISK_TIME, r"t ?risk|risk ?times?|time ?risk|times? at risk|t at risk"),
    (
        ColumnRole.AT_RISK,
        r"n ?risk|n at risk|(nos?|num|numbers?)( of patients)? at risk|at ?risk|patients( at risk)?|risk",
    ),
    (ColumnRole.BESIDE, _BESIDE),
    (ColumnRole.TIME, rf"({_TIMES}|{_UNITS})( ?\d+)?( ({_UNITS}|{_SINCE}))?|t( ?\d+)?|t[kst]"),
    (ColumnRole.TIME, rf"(os|pfs|dfs|efs|ttp|survival|event) ({_TIMES}|{_UNITS})"),
    (ColumnRole.X, r"x( ?\d+)?( .*)?"),
    (ColumnRole.SURVIVAL, rf"({_SURVIVAL})( ?\d+)?"),
    (ColumnRole.FAILURE, r"1 ?s|1 ?s\(t\)|1 ?km|cif|(cum(ulative)? )?(incidence|failure)( function)?|cum inc"),
    (ColumnRole.ENDPOINT, r"(pfs|os|efs|ttp|dfs|rfs|mfs|ttf)( ?\d+)?"),
    (
        ColumnRole.CURVE,
        r"curves?|groups?|grp|arms?|names?|strata|stratum|treat|treatments?|trt|series|labels?|data ?sets?",
    ),
    (ColumnRole.CURVE, r"cohorts?|legend|gruppe|groupe|grupo|gruppo|groep|bras|brazo|behandlung"),
    (ColumnRole.CURVE, r"(curve|arm|group|series|data ?set) ?(names?|id|no|number|labels?)"),
    (ColumnRole.EVENT, r"events?|status|stat|cens|censor(ed|ing)?|deaths?|dead|died|cnsr|fail(ed|ures?)?"),
    (ColumnRole.EVENT, r"event (indicator|status)"),
    (ColumnRole.ROW, r"|id|k|no|nr|n°|№|#|row( ?(id|no|number|names?))?|index|idx|obs|num(ber)?|points?|pt"),
    (ColumnRole.ROW, r"i|seq(uence)?|s ?no|serial( no)?|order|entry|observations?|interval|int|lfd nr|nummer"),
)


def column_role(header: str) -> ColumnRole:
    """Return what a header says that its column holds.

    Examples
    --------
    >>> [column_role(name).name for name in ("Time (months)", "n.risk", "lower 95% CI", "K", "Placebo")]
    ['TIME', 'AT_RISK', 'BESIDE', 'ROW', 'NAME']
    """
    plain = re.sub(r"^[(\[](.*)[)\]]$", r"\1", header.strip().casefold())
    if re.fullmatch(r"\.\.\.\d+|unnamed: ?\d+", plain):  # readr's and pandas' names for a column without one
        return ColumnRole.ROW
    if re.fullmatch(r"[^x]-\d+", plain):  # S-1 and Y-90 are treatments
        return ColumnRole.NAME
    bare = re.sub(r"\s*[(\[](?!t\)).*[)\]]$", "", plain)  # a unit in brackets
    words = re.sub(r"[\s_.\-–/=:,]+", " ", bare or plain).strip()
    return next((role for role, pattern in _KINDS if re.fullmatch(pattern, words)), ColumnRole.NAME)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TIME = _names(
    "time times t survtime survivaltime timetoevent eventtime tte duration followup followuptime futime fu aval "
    "stime ttime obstime observationtime month months day days week weeks year years fudays fumonths fuyears ostime "
    "osmonths osdays osyears pfstime pfsmonths pfsdays pfsyears dfstime dfsmonths dfsdays efstime efsmonths efsdays "
    "rfstime rfsmonths rfsdays rtime survivalmonths survivaldays survivalyears survmonths survdays timemonths "
    "timedays timeweeks timeyears"
)
_CLEAR_EVENT = _names(
    "event events evt eventind eventindicator eventflag isevent eventobserved observed delta d death dead died "
    "deaths deceased fail failed failure failureevent osevent pfsevent dfsevent efsevent rfsevent deathevent "
    "progressed progression relapse relapsed recurrence"
)
_STATUS = _names(
    "status stat survstatus survivalstatus vitalstatus eventstatus fustat osstatus pfsstatus dfsstatus efsstatus "
    "rfsstatus"
)
_CDISC = _names("cnsr")
_EITHER = _names(
    "cens censor censored censoring censind censorind censorflag iscensored censorindicator censorstatus censstatus "
    "censoringstatus"
)
_ARM = _names(
    "arm arms armname armcd arma actarm actarmcd treat treated treatment treatments treatmentarm treatmentgroup trt "
    "trtp trta trtpn trtan trt01p trt01a trt01pn trt01an trtgroup trtgrp trtarm tx txgroup rx group groups grp "
    "strata stratum therapy regimen cohort studyarm randomization randomisation randomized randomised allocation "
    "allocated assigned assignment intervention drug plannedarm actualarm curve"
)
_COMPANIONS = _names(
    "unnamed0 row rows rowname rownames rownumber rownum rowid index idx id no nr number obs sid ptid pid patid "
    "patientid patient patientno patientnumber subject subjectid subjectno subjid usubjid studyid caseid caseno "
    "lower upper lowerci upperci lower95 upper95 l95 u95 lcl ucl cilower ciupper lower95ci upper95ci se stderr "
    "stderror nevent nevents ncensor ncensored nrisk natrisk atrisk age ageyears sex gender startdt adt ady avalu "
    "evntdesc cnsdtdscr"
)
_ENDPOINT = _names("param paramcd endpoint")
_ROW_NUMBERS = ("", "x")  # how R heads the names of rows, first
_TIME_UNITS = ("days", "weeks", "months", "years")
_IS_EVENT = _names("event dead died death deceased failure failed progressed progression relapse relapsed")
_IS_CENSORED = _names("censored censor cens alive living event-free") | {"no event", "event free"}
_YES, _NO = _names("true t yes y"), _names("false f no n")
_SHOWN = 5  # columns that a message lists, so that it stays a line


class Role(StrEnum):
    """What a column of a table of patients holds."""

    TIME = "time"
    EVENT = "event"
    ARM = "arm"


_NAMES: Mapping[Role, frozenset[str]] = {
    Role.TIME: _TIME,
    Role.EVENT: _CLEAR_EVENT | _STATUS | _CDISC | _EITHER,
    Role.ARM: _ARM,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedColumns:
    """Columns that the caller names; the others are recognised by their names.

    Parameters
    ----------
    time, event, arm : str or None
        Names of columns.
    coding : mapping of str to bool, or None
        What values of the event column mean: True for an event, False for a censored patient.
    options : bool
        Whether the caller states them by options of a command, which messages then name.
    """

    time: str | None = None
    event: str | None = None
    arm: str | None = None
    coding: Mapping[str, bool] | None = None
    options: bool = True

    def of(self, role: Role) -> str | None:
        """Return the name stated for a role."""
        return {Role.TIME: self.time, Role.EVENT: self.event, Role.ARM: self.arm}[role]

    def advice(self, role: Role, name: str = "NAME") -> str:
        """Return how to say which column has a role."""
        if not self.options:
            return f"name one of them {role}, drop the other"
        return f"give {option_name(f'{role}_col', name)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PatientColumns:
    """Positions of the columns in a table of patients.

    Parameters
    ----------
    time, event : int
        Their places.
    arm : int or None
        Its place, where there is one.
    names : tuple of str
        All columns as they are headed.
    left : tuple of int
        Columns that are not used.
    """

    time: int
    event: int
    arm: int | None
    names: tuple[str, ...]
    left: tuple[int, ...] = field(default=())

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the reader: which columns were recognised under other names, and which were not used."""
        places = {"time": self.time, "event": self.event, "arm": self.arm}
        taken = [
            f"{role} from the column {self.names[place]!r}"
            for role, place in places.items()
            if place is not None and self.names[place].lower() != role
        ]
        found = ["; ".join(taken)] if taken else []
        if self.left:
            found.append(f"columns not used: {', '.join(repr(_head(self.names[k], k)) for k in self.left)}")
        return tuple(found)


def find_columns(
    names: Sequence[str],
    *,
    where: str,
    stated: StatedColumns | None = None,
    allowed: Iterable[str] = (),
    single_arm: bool = False,
) -> PatientColumns:
    """Return which column has which role.

    Parameters
    ----------
    names : sequence of str
        The header.
    where : str
        The table, for messages.
    stated : StatedColumns, optional
        What the caller says.
    allowed : iterable of str
        Further names, in small letters, of columns that someone else reads.
    single_arm : bool
        Whether the table holds one arm by its nature, so that no column of unknown meaning can part it.

    Raises
    ------
    AnalysisError
        If a role has no column or two, or a column of unknown meaning stands where none is the arm.

    Examples
    --------
    >>> for note in find_columns(["ID", "OS.time", "status", "trt"], where="a.csv").notes:
    ...     print(note)
    time from the column 'OS.time'; event from the column 'status'; arm from the column 'trt'
    columns not used: 'ID'
    """
    said = stated or StatedColumns()
    places = {role: _place(names, role, where, said) for role in Role}
    time, event, arm = places[Role.TIME], places[Role.EVENT], places[Role.ARM]
    if len({place for place in places.values() if place is not None}) < sum(p is not None for p in places.values()):
        told = ", ".join(f"{role} {names[place]!r}" for role, place in places.items() if place is not None)
        raise AnalysisError(where, "one role for each column", told, "name different columns")
    if time is None or event is None:
        missing = " and ".join(role for role in (Role.TIME, Role.EVENT) if places[role] is None)
        ways = " and ".join(
            option_name(f"{role}_col", "NAME") for role in (Role.TIME, Role.EVENT) if places[role] is None
        )
        raise AnalysisError(
            where,
            f"columns time and event; none is known as {missing}",
            f"columns {_listed(names) or 'none'}",
            f"give {ways}" if said.options else f"name the columns {missing}, event 1 for an event and 0 for censored",
        )
    others = set(allowed)
    left = tuple(k for k, name in enumerate(names) if k not in places.values() and name.lower() not in others)
    unknown = [k for k in left if not _is_companion(names[k], k)]
    if arm is None and unknown and not single_arm:
        raise AnalysisError(
            where,
            "a column arm, or none of unknown meaning: arms must not be pooled unsaid",
            f"{_listed(_head(names[k], k) for k in unknown)}, and no arm",
            f"{said.advice(Role.ARM, names[unknown[0]] or 'NAME')} if it tells the arms apart, else remove it",
        )
    return PatientColumns(time=time, event=event, arm=arm, names=tuple(names), left=left)


def several_endpoints(columns: PatientColumns) -> list[int]:
    """Return the columns that say which endpoint a row is of: all rows must be of one."""
    return [k for k in columns.left if _short(columns.names[k]) in _ENDPOINT]


def event_values(
    values: Iterable[str], name: str, *, where: str, stated: StatedColumns | None = None
) -> tuple[dict[str, bool], str]:
    """Return what each value of the event column means, and a note on how that was decided.

    A column whose name tells: ``event`` and the like hold 1 for an event and 0 for censored, ``CNSR`` of CDISC 0
    for an event and above 0 for censored. A ``status`` of 1 and 2 is R's, 1 censored and 2 an event; of 1 alone
    it may be that or not. Of ``cens`` both readings are in use. What may be either must be stated, or be words.

    Parameters
    ----------
    values : iterable of str
        The cells.
    name : str
        The column.
    where : str
        The table, for messages.
    stated : StatedColumns, optional
        With the coding that the caller states.

    Raises
    ------
    AnalysisError
        If the coding is ambiguous or a value has none.

    Examples
    --------
    >>> event_values(["1", "2", "2"], "status", where="lung.csv")
    ({'1': False, '2': True}, "'status': 1 censored, 2 event, as R codes it")
    """
    said = stated or StatedColumns()
    distinct = sorted(set(values))
    if said.coding is not None:
        return _by_statement(distinct, name, where, said.coding), ""
    words = {value: _word(value) for value in distinct}
    if all(meaning is not None for meaning in words.values()):
        return {value: bool(meaning) for value, meaning in words.items()}, ""
    short, plain = _short(name), [_number_or_flag(value) for value in distinct]
    numbers = {number for number in plain if number is not None}
    whole = len(numbers) and None not in plain
    way = f"give {_coded('VALUE', 'event')}" if said.options else "write 1 for an event and 0 for censored"
    if short in _CDISC and whole and min(numbers) >= 0 and all(number == int(number) for number in numbers):
        found = {value: number == 0 for value, number in zip(distinct, plain, strict=True)}
        return found, f"{name!r}: 0 event, above 0 censored, as CDISC codes it"
    if short in _EITHER:
        shown = _listed(distinct)
        way = f"give {_coded('1', 'event')} or {_coded('1', 'censored')}" if said.options else way
        raise AnalysisError(f"{where}: {name}", "a coding that is stated: 1 may be an event or censored", shown, way)
    if whole and numbers <= {0.0, 1.0} and not (short in _STATUS and numbers == {1.0}):
        return {value: number == 1 for value, number in zip(distinct, plain, strict=True)}, ""
    if short in _STATUS and whole and numbers <= {1.0, 2.0} and 2.0 in numbers and said.options:
        found = {value: number == 2 for value, number in zip(distinct, plain, strict=True)}
        return found, f"{name!r}: 1 censored, 2 event, as R codes it"
    if whole and numbers <= {1.0, 2.0}:
        way = f"give {_coded('2', 'event')} or {_coded('1', 'event')}" if said.options else way
        shown = " and ".join(distinct)
        raise AnalysisError(f"{where}: {name}", "event is 1 or 0, or a coding that is stated", shown, way)
    bad = next((v for v, number in zip(distinct, plain, strict=True) if number not in (0.0, 1.0)), distinct[0])
    error = NoCodingError(f"{where}: {name}", "event is 1 or 0", repr(bad), f"correct it, or {way}")
    error.value = bad
    raise error


class NoCodingError(AnalysisError):
    """A value of the event column that is neither event nor censoring."""

    value: str = ""
    """The value, so that its row can be told."""


def unit_of(name: str) -> str | None:
    """Return the unit that a time column's name ends with.

    Examples
    --------
    >>> unit_of("OS_MONTHS"), unit_of("Time (days)"), unit_of("time")
    ('months', 'days', None)
    """
    bare = re.sub(r"[^a-z]+", "", name.lower())
    return next((unit for unit in _TIME_UNITS if bare.endswith((unit, unit[:-1]))), None)


def _place(names: Sequence[str], role: Role, where: str, said: StatedColumns) -> int | None:
    wanted = said.of(role)
    if wanted is not None:
        found = [k for k, name in enumerate(names) if name == wanted]
        found = found or [k for k, name in enumerate(names) if name.lower() == wanted.strip().lower()]
        if len(found) != 1:
            raise AnalysisError(
                f"{where}: {option_name(f'{role}_col')}",
                f"one column headed {wanted!r}",
                f"columns {_listed(names)}",
                "name one of them",
            )
        return found[0]
    elsewhere = {said.of(other) for other in Role} - {None}
    found = [k for k, name in enumerate(names) if name not in elsewhere and _short(name) in _NAMES[role]]
    if len(found) > 1:
        raise AnalysisError(
            where,
            f"one column that is the {role}",
            f"{len(found)}: {_listed(names[k] for k in found)}",
            said.advice(role, names[found[0]]),
        )
    return found[0] if found else None


def _short(name: str) -> str:
    """Return a column's name without case, punctuation and what stands in brackets behind it."""
    return re.sub(r"[^a-z0-9]+", "", re.sub(r"[(\[].*$", "", name.strip()).lower())


def _is_companion(name: str, place: int) -> bool:
    short = _short(name)
    return (place == 0 and name.lower() in _ROW_NUMBERS) or short in _COMPANIONS or short in _ENDPOINT


def _word(value: str) -> bool | None:
    """Return what a word says by itself; ``1:DECEASED`` is one."""
    low = re.sub(r"^[01]\s*:\s*", "", value.strip().lower())
    return True if low in _IS_EVENT else False if low in _IS_CENSORED else None


def _number_or_flag(value: str) -> float | None:
    low = value.strip().lower()
    if low in _YES or low in _NO:
        return float(low in _YES)
    try:
        return float(low)
    except ValueError:
        return None


def _coded(value: str, meaning: str) -> str:
    """Return how to state what a value of the event column means."""
    return option_name("event_coding", meaning, key=value)


def _by_statement(distinct: Sequence[str], name: str, where: str, coding: Mapping[str, bool]) -> dict[str, bool]:
    """Return the meaning of each value; a single value without a stated meaning has the opposite one."""
    stated = {_same(value): meaning for value, meaning in coding.items()}
    left = [value for value in distinct if _same(value) not in stated]
    if left and (len({_same(value) for value in left}) > 1 or len(set(stated.values())) > 1 or "" in left):
        raise AnalysisError(
            f"{where}: {option_name('event_coding')}",
            f"a meaning for every value of {name!r}",
            f"none for {_listed(left)}",
            "state it too",
        )
    other = not next(iter(stated.values()))
    return {value: stated.get(_same(value), other) for value in distinct}


def _same(value: str) -> str | float:
    number = _number_or_flag(value)
    return value.strip().lower() if number is None else number


def _head(name: str, place: int) -> str:
    return name or f"column {place + 1}"


def _listed(names: Iterable[str]) -> str:
    shown = [repr(name) if len(name) <= LONGEST_NAME else repr(name[: LONGEST_NAME - 1] + "…") for name in names]
    more = len(shown) - _SHOWN
    return ", ".join(shown[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

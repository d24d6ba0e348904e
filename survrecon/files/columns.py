"""What a column holds, by its header: times, survival, curves' names, row numbers, or what other programs write beside.

Headers of R's survfit and broom, lifelines, Stata, survHE, IPDfromKM, retroglyph and of the common digitizers are
known, times and survival in a few more languages. What is not known here is a name, of a curve perhaps.
"""

from __future__ import annotations

import re
from enum import StrEnum

__all__ = ["ColumnRole", "column_role"]


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

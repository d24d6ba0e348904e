"""Which curve bears which name and which row of counts: one assignment at the least cost over all evidence.

Evidence is the key beside a name, the colour of its letters, the place of a label beside its curve or at the end of a
line that leads there, the name that a row shares with a label, and that no more patients can be at risk than the curve
leaves: n(t) <= N S(t).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.result import Doubt
from survrecon.digitizing.words.counts import CountKind
from survrecon.digitizing.words.names import NameText, clean_name, same_name
from survrecon.digitizing.words.row_names import rows_by_short_form
from survrecon.digitizing.words.scene import DrawnCurve, Surroundings
from survrecon.digitizing.words.settings import COUNTS, NAMES
from survrecon.digitizing.words.ties import Ties

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.arrays import BoolArray, FloatArray
    from survrecon.digitizing.words.counts import CountRow, CountTable

__all__ = ["Assignment", "CurveName", "assign", "curves_in_order"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CurveName:
    """The name of a curve, where it was read, and what stands with it.

    Parameters
    ----------
    name, source : str
        The name, and a value of `survrecon.digitizing.result.NameSource`.
    text : str
        The whole text it was read from.
    n, events : int or None
        Patients and events that are printed with it.
    where : tuple of float
        Height and column of its first word.
    """

    name: str
    source: str
    text: str
    n: int | None
    events: int | None
    where: tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """Names and rows of counts by curve.

    Parameters
    ----------
    names : dict of int to CurveName
        For curves that bear a name.
    rows : dict of int to int
        The curve of each row of numbers at risk that belongs to one.
    doubts : tuple of Doubt
        Rows and names that nothing but an order ties to a curve.
    """

    names: dict[int, CurveName]
    rows: dict[int, int]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Claim:
    """What wants one curve: a name with its occurrences in the figure, a row, or both."""

    texts: tuple[NameText, ...]
    row: int | None
    costs: FloatArray
    told: bool
    tied: BoolArray


def assign(
    curves: Sequence[DrawnCurve],
    texts: Sequence[NameText],
    table: CountTable | None,
    around: Surroundings,
    sentences: Sequence[str] = (),
) -> Assignment:
    """Assign names and rows of numbers at risk to curves.

    Parameters
    ----------
    curves : sequence of DrawnCurve
        The curves; some may be lines that are none.
    texts : sequence of NameText
        What may be names.
    table : CountTable or None
        The rows of counts.
    around : Surroundings
        Access to keys, inks and places.
    sentences : sequence of str
        Other lines of text, such as a caption that says "the placebo group (n=62)".
    """
    if not curves:
        return Assignment(names={}, rows={}, doubts=())
    look = Ties(curves, around, [t.first for t in texts])
    rows = {} if table is None else {i: r for i, r in enumerate(table.rows) if r.kind is CountKind.AT_RISK}
    evidence = {i: look.of_row(r) for i, r in rows.items()}
    excess = {i: look.excess(table, r) + look.small_steps(r) for i, r in rows.items()} if table is not None else {}
    order = {i: look.out_of_order(place, len(rows)) for place, i in enumerate(rows)}
    claims = _claims(texts, rows, evidence, excess, order, sentences, look)
    owners = _cheapest([c.costs for c in claims], look)
    tied = {row: k for a, k in owners.items() if (row := claims[a].row) is not None}
    lone = [i for i in rows if i not in {c.row for c in claims}]
    named = {k for a, k in owners.items() if claims[a].row is None}
    tied |= _lone_rows(lone, set(tied.values()), named, evidence, excess, order, look)
    told = {c.row for c in claims if c.told} | {i for i in lone if np.isfinite(evidence[i]).any()}
    doubts = _close_calls(claims, owners) + _left_over(claims, owners)
    doubts += _without_curves(texts, [t for a in owners for t in claims[a].texts], look)
    doubts += _untold(rows, {i: k for i, k in tied.items() if i not in told}, tied, excess, curves)
    doubts += _of_one_colour(rows, {i: tied[i] for i in lone if i in told and i in tied}, evidence, excess)
    names = {
        k: _whole(_text_name(claims[a].texts, look), claims[a].row, rows, [c.texts[0].name for c in claims if c.texts])
        for a, k in owners.items()
        if claims[a].texts
    }
    for i, k in tied.items():
        if k not in names and rows[i].name:
            names[k] = _row_name(rows[i])
    return Assignment(names=names, rows=tied, doubts=tuple(doubts))


def _claims(
    texts: Sequence[NameText],
    rows: Mapping[int, CountRow],
    evidence: Mapping[int, FloatArray],
    excess: Mapping[int, FloatArray],
    order: Mapping[int, FloatArray],
    sentences: Sequence[str],
    look: Ties,
) -> list[_Claim]:
    """Return what wants a curve by its name: names of rows and labels alike, and labels alone."""
    groups = _occurrences(texts)
    costs = [np.min([look.of_text(t) for t in group], axis=0) for group in groups]
    keyed = [any(look.has_key(t.first) for t in group) for group in groups]
    if _is_a_label(groups, costs, keyed, look):
        keyed = [False] * len(keyed)
    near = [g for g, cost in enumerate(costs) if np.isfinite(cost).any()]
    links = _linked(groups, rows)
    links = links or _short_forms({g: groups[g][0].name for g in near}, rows)
    links = links or _counted({g: groups[g] for g in near}, rows, sentences)
    claims = []
    colours = [bool(np.isfinite(found).any()) for found in evidence.values()]
    for g in _worth(costs, keyed, links, rows=len(rows), rows_told=len(colours) > 1 and all(colours)):
        row = links.get(g)
        total = costs[g]
        told = bool(np.isfinite(total).any())
        if row is not None:
            told |= bool(np.isfinite(evidence[row]).any())
            of_row = NAMES.row_share * np.minimum(evidence[row], NAMES.untold) + excess[row] + order[row]
            total = np.minimum(total, NAMES.untold) + of_row
        claims.append(_Claim(texts=tuple(groups[g]), row=row, costs=total, told=told, tied=np.isfinite(costs[g])))
    return claims


def _is_a_label(
    groups: Sequence[Sequence[NameText]], costs: Sequence[FloatArray], keyed: Sequence[bool], look: Ties
) -> bool:
    """Return whether the only text with a sample of line beside it is the label of a curve, whose ink that is.

    It stands beside its curve, and another text is tied to another curve.
    """
    tied = [g for g, cost in enumerate(costs) if np.isfinite(cost).any()]
    alone = [g for g in tied if keyed[g]]
    if len(alone) != 1 or len(look.curves) < 2:
        return False
    own = int(np.argmin(costs[alone[0]]))
    beside = any(look.distances(text.box, text.size)[own] <= NAMES.label_beside for text in groups[alone[0]])
    return bool(beside and any(int(np.argmin(costs[g])) != own for g in tied))


def _cheapest(costs: Sequence[FloatArray], look: Ties) -> dict[int, int]:
    """Return the curve of each claim at the least total cost; claims that nothing ties to a curve have none."""
    if not costs:
        return {}
    short = np.array([NAMES.short_line * (1.0 - look.length(k)) for k in range(len(look.curves))])
    return _pairs(np.stack(costs) + short, NAMES.claim_limit)


def _lone_rows(
    lone: Sequence[int],
    taken: set[int],
    named: set[int],
    evidence: Mapping[int, FloatArray],
    excess: Mapping[int, FloatArray],
    order: Mapping[int, FloatArray],
    look: Ties,
) -> dict[int, int]:
    """Return the curves of rows whose names no label shares: those with names of their own first."""
    free = [k for k in range(len(look.curves)) if k not in taken]
    if len(named) >= len(lone):
        free = [k for k in free if k in named]
    if not lone or not free:
        return {}
    costs = [np.minimum(evidence[i], NAMES.untold)[free] + excess[i][free] + order[i][free] for i in lone]
    short = np.array([NAMES.short_line * (1.0 - look.length(k)) for k in free])
    return {lone[a]: free[b] for a, b in _pairs(np.stack(costs) + short, NAMES.claim_limit).items()}


def _close_calls(claims: Sequence[_Claim], owners: Mapping[int, int]) -> list[Doubt]:
    """Return doubts about labels that could as well be exchanged: each stands about as close to the other's curve."""
    found: dict[str, Doubt] = {}
    for a, b in combinations([a for a in owners if claims[a].told and claims[a].texts], 2):
        one, other = claims[a].costs, claims[b].costs
        more = one[owners[b]] + other[owners[a]] - one[owners[a]] - other[owners[b]]
        if not more < NAMES.close_call:
            continue
        for claim, rival in ((claims[a], claims[b]), (claims[b], claims[a])):
            name, text = claim.texts[0].name, rival.texts[0].name
            found[name] = Doubt(
                where=f"name {name!r}",
                read=name,
                confidence=NAMES.close_confidence,
                why=f"the figure ties this name and {text!r} to two curves nearly as well the other way round",
                options=("arm_names",),
                field="arm name",
                arm=name,
            )
    return list(found.values())


def _left_over(claims: Sequence[_Claim], owners: Mapping[int, int]) -> list[Doubt]:
    """Return doubts about names whose keys or places are of other curves, and that were given what was left."""
    return [
        Doubt(
            where=f"name {claims[a].texts[0].name!r}",
            read=claims[a].texts[0].name,
            confidence=0.0,
            why="its key or place ties it to a curve that bears another name; given to the curve that was left",
            options=("arm_names", "risk_table"),
            field="arm name",
            arm=claims[a].texts[0].name,
        )
        for a, k in owners.items()
        if claims[a].texts and claims[a].tied.any() and not claims[a].tied[k]
    ]


def _without_curves(texts: Sequence[NameText], named: Sequence[NameText], look: Ties) -> list[Doubt]:
    """Return doubts about names of a legend whose keys are of no curve: two arms may be drawn over each other."""
    known = [t.name for t in named]
    return [
        Doubt(
            where=f"name {text.name!r}",
            read=text.name,
            confidence=0.0,
            why="a sample of line stands beside it as beside the others, and no curve bears it: another may cover it",
            options=("arms",),
            field="curve",
        )
        for text in look.of_one_legend(texts, named)
        if not any(same_name(text.name, name) > NAMES.surely_same for name in known)
    ]


def _untold(
    rows: Mapping[int, CountRow],
    untold: Mapping[int, int],
    tied: Mapping[int, int],
    excess: Mapping[int, FloatArray],
    curves: Sequence[DrawnCurve],
) -> list[Doubt]:
    """Return doubts about rows that could be exchanged, or given to another line, as far as anything tells."""
    spare = [k for k in range(len(curves)) if k not in tied.values()] if len(untold) == len(rows) > 1 else []
    open_rows: set[int] = set()
    tie = NAMES.excess_weight * NAMES.excess_tie
    for i, j in combinations(untold, 2):
        kept = excess[i][untold[i]] + excess[j][untold[j]]
        if excess[i][untold[j]] + excess[j][untold[i]] - kept < tie:
            open_rows |= {i, j}
    for i, k in untold.items():
        if any(excess[i][other] - excess[i][k] < tie for other in spare):
            open_rows.add(i)
    why = "neither name nor colour ties this row to a curve; taken as counts and the curves' ends suggest"
    return [_row_doubt(rows[i], why) for i in sorted(open_rows)]


def _of_one_colour(
    rows: Mapping[int, CountRow],
    told: Mapping[int, int],
    evidence: Mapping[int, FloatArray],
    excess: Mapping[int, FloatArray],
) -> list[Doubt]:
    """Return doubts about rows whose colour is that of two lines, so that two of them could be exchanged."""
    open_rows: set[int] = set()
    for i, j in combinations(told, 2):
        k, other = told[i], told[j]
        by_look = _dearer(evidence[i][other] + evidence[j][k], evidence[i][k] + evidence[j][other])
        by_counts = _dearer(excess[i][other] + excess[j][k], excess[i][k] + excess[j][other])
        if by_look < NAMES.close_call and by_counts < NAMES.excess_weight * NAMES.excess_tie:
            open_rows |= {i, j}
    why = "two lines have the colour of this row, and only the order of the rows tells which is its own"
    return [_row_doubt(rows[i], why) for i in sorted(open_rows)]


def _dearer(exchanged: float, kept: float) -> float:
    """Return by how much an exchange costs more; nothing where neither is possible."""
    return 0.0 if np.isinf(exchanged) and np.isinf(kept) else float(exchanged - kept)


def _row_doubt(row: CountRow, why: str) -> Doubt:
    """Return the doubt about a row that may be another curve's."""
    return Doubt(
        where=f"numbers at risk, row {row.name!r}",
        read=row.name or ", ".join(c.word.text for c in row.printed[: COUNTS.shown]),
        confidence=NAMES.untold_confidence,
        why=why,
        options=("arm_names", "risk_table"),
        field="arm name",
        arm=row.name or None,
    )


def _text_name(texts: Sequence[NameText], look: Ties) -> CurveName:
    """Return the name that texts give: the one with a key, or the longest, with all counts that stand beside any."""
    best = max(texts, key=lambda t: (look.has_key(t.first), len(t.name)))
    return CurveName(
        name=best.name,
        source="legend" if look.has_key(best.first) else "label",
        text=best.text,
        n=next((t.n for t in [best, *texts] if t.n is not None), None),
        events=next((t.events for t in [best, *texts] if t.events is not None), None),
        where=(best.first.cy, best.first.cx),
    )


def _whole(name: CurveName, row: int | None, rows: Mapping[int, CountRow], others: Sequence[str]) -> CurveName:
    """Return the name of a label as its row goes on with it in words: the label's next line was not read.

    What another label begins with was given to the wrong row.
    """
    longer = rows[row].name if row is not None else ""
    more = longer[len(name.name) :] if longer.lower().startswith(f"{name.name.lower()} ") else ""
    begin_others = {other.split()[0].lower() for other in others if other != name.name and other.strip()}
    own = all(word.isalpha() and word.lower() not in begin_others for word in more.split())
    return replace(name, name=longer) if more and own else name


def _row_name(row: CountRow) -> CurveName:
    """Return the name of a row of counts."""
    word = row.name_word
    where = (row.y, 0.0 if word is None else word.cx)
    name = clean_name(row.name) or row.name
    return CurveName(name=name, source="risk table", text=row.name, n=None, events=None, where=where)


def _occurrences(texts: Sequence[NameText]) -> list[list[NameText]]:
    """Return texts that say the same name together."""
    groups: list[list[NameText]] = []
    for text in texts:
        own = next((g for g in groups if same_name(g[0].name, text.name) > NAMES.surely_same), None)
        if own is None:
            groups.append([text])
        else:
            own.append(text)
    return groups


def _linked(groups: Sequence[Sequence[NameText]], rows: Mapping[int, CountRow]) -> dict[int, int]:
    """Return the row that has the name of each group of texts."""
    if not groups or not rows:
        return {}
    keys = list(rows)
    alike = np.array([[same_name(g[0].name, rows[i].name) for i in keys] for g in groups])
    # a label and a row of one name are each other's, whatever else is like them
    same = alike >= 1
    taken = np.asarray(same.any(axis=0))[None, :] | np.asarray(same.any(axis=1))[:, None]
    alike[taken & ~same] = 0.0
    alike[_told_of_several(alike)] = 0.0
    return {g: keys[a] for g, a in _pairs(1.0 - alike, 1.0 - NAMES.same_name).items()}


def _told_of_several(alike: FloatArray) -> BoolArray:
    """Return where a row is as like another label, or a label another row: "ECOG" is none of "ECOG 0" and "ECOG 1"."""
    several = np.zeros(alike.shape, bool)
    for across in (alike, alike.T):
        marked = several if across is alike else several.T
        for k, likeness in enumerate(across):
            best = likeness >= max(NAMES.same_name, float(likeness.max()) - NAMES.as_like)
            marked[k] |= best & (int(best.sum()) > 1) & (likeness < 1)
    return several


def _short_forms(names: Mapping[int, str], rows: Mapping[int, CountRow]) -> dict[int, int]:
    """Return the row that is called by a short form of each name, where there are as many as rows."""
    called = {i: row.name for i, row in rows.items() if row.name}
    return rows_by_short_form(names, called) if len(names) == len(called) == len(rows) else {}


def _counted(
    groups: Mapping[int, Sequence[NameText]], rows: Mapping[int, CountRow], sentences: Sequence[str]
) -> dict[int, int]:
    """Return the row of each name by the number of patients that a legend or a sentence states with it.

    It holds where the rows begin with different numbers, and each number is stated with one name.
    """
    first = {i: r.cells[0].value for i, r in rows.items() if r.cells and r.cells[0] is not None}
    if len(first) < len(rows) or len(set(first.values())) < len(first):
        return {}
    found: dict[int, set[int]] = {}
    told = _stated({g: group[0].name for g, group in groups.items()}, " ".join(sentences))
    for g, group in groups.items():
        stated = {t.n for t in group if t.n is not None} | told.get(g, set())
        for i, value in first.items():
            if value in stated:
                found.setdefault(i, set()).add(g)
    pairs = {next(iter(names)): i for i, names in found.items() if len(names) == 1}
    if not len(pairs) == len(found) == len({g for names in found.values() for g in names}):
        return {}
    names_left, rows_left = [g for g in groups if g not in pairs], [i for i in rows if i not in pairs.values()]
    if pairs and len(names_left) == len(rows_left) == 1:  # a caption that is cut leaves one name without a number
        pairs[names_left[0]] = rows_left[0]
    return pairs


def _stated(names: Mapping[int, str], text: str) -> dict[int, set[int]]:
    """Return the numbers of patients in brackets of a text, by the name that stands last before each.

    Some journals' fonts have their equals sign in the place of a 5: (n5468) is n=468.
    """
    found: dict[int, set[int]] = {}
    done = 0
    for hit in re.finditer(r"\(\s*n\s*[=5]\s*(\d[\d,]*)", text, re.IGNORECASE):
        before = text[max(done, hit.start() - NAMES.sentence_reach) : hit.start()]
        done = hit.end()  # what stands before one number is not said of the next
        ends: dict[int, int] = {}
        for g, name in names.items():
            stem = re.escape(name[:-1] if len(name) > NAMES.stem else name)
            places = [m.start() for m in re.finditer(rf"\b{stem}\w*", before, re.IGNORECASE)]
            ends |= {g: places[-1]} if places else {}
        if ends:
            found.setdefault(max(ends, key=lambda g: ends[g]), set()).add(int(hit[1].replace(",", "")))
    return found


def _pairs(costs: FloatArray, limit: float) -> dict[int, int]:
    """Return the pairs of rows and columns at the least total cost, none dearer than a limit."""
    from scipy.optimize import linear_sum_assignment

    if not costs.size:
        return {}
    capped = np.minimum(costs, NAMES.no_tie * (limit + 1))
    rows, columns = linear_sum_assignment(capped)
    return {int(r): int(c) for r, c in zip(rows, columns, strict=True) if costs[r, c] <= limit}


def _worth(
    costs: Sequence[FloatArray], keyed: Sequence[bool], links: Mapping[int, int], *, rows: int, rows_told: bool
) -> list[int]:
    """Return the names worth a curve: those of all rows, or of a legend, else all that are tied to a curve.

    Where the colour of each row tells its curve, texts that no row shares are no names, but for a legend's: its other
    entries are curves too, of another cause, say, of which no patients are counted apart.
    """
    tied = [g for g, cost in enumerate(costs) if np.isfinite(cost).any()]
    legend = [g for g in tied if keyed[g]]
    if links and len(links) == rows:
        return sorted({*links, *legend}) if set(links) <= set(legend) else sorted(links)
    if len(legend) > 1 or (legend and len(links) <= 1):
        return sorted({*legend, *links})
    return sorted(links) if len(links) > 1 or rows_told else sorted({*tied, *links})


def curves_in_order(curves: Sequence[DrawnCurve], found: Assignment, rows: Sequence[CountRow]) -> list[int]:
    """Order the curves as the risk table or else the legend does, else by where they end."""
    by_row = {k: rows[i].y for i, k in found.rows.items()}

    def rank(k: int) -> tuple[int, float, float]:
        name = found.names.get(k)
        if k in by_row:
            return 0, by_row[k], 0.0
        if name is not None and name.source == "legend":
            return 1, round(name.where[0] / NAMES.legend_line), name.where[1]
        return 2, -float(curves[k].survival[-1]), 0.0

    return sorted(range(len(curves)), key=rank)

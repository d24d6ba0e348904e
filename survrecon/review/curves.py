"""Operations on curves and their marks: each takes a state and returns another in which no curve rises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from survrecon.errors import ReviewError
from survrecon.review.settings import EDITING
from survrecon.review.state import ReviewArm, ReviewState, level_at, settled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.review.state import Corner

__all__ = ["CURVE_OPERATIONS", "Place", "Places", "arm_of", "no_other_name", "with_arm"]

Place = Annotated[float, Field(allow_inf_nan=False)]
Places = Annotated[tuple[tuple[Place, Place], ...], Field(min_length=1, max_length=20_000)]
_MAY_NOT_RISE = "draw it lower, or redraw a longer stretch"


def arm_of(state: ReviewState, arm: str) -> ReviewArm:
    """Return the arm of an id.

    Raises
    ------
    ReviewError
        If there is none.
    """
    found = state.arm(arm)
    if found is None:
        known = ", ".join(one.id for one in state.arms) or "none yet"
        raise ReviewError("arm", f"the id of an arm: {known}", repr(arm), "choose one of them")
    return found


def with_arm(state: ReviewState, arm: ReviewArm) -> ReviewState:
    """Return a state with another arm in the place of the one of its id."""
    return state.model_copy(update={"arms": tuple(arm if one.id == arm.id else one for one in state.arms)})


def no_other_name(state: ReviewState, name: str, but: str | None = None) -> str:
    """Return a name without space around it, which no other arm bears."""
    name = " ".join(name.split())
    if not name:
        raise ReviewError("name", "a name", "none", "type the arm's name as it is printed")
    if any(one.name == name and one.id != but for one in state.arms):
        raise ReviewError("name", "a name that no other arm has", repr(name), "tell them apart by their names")
    return name


def _new_id(state: ReviewState) -> str:
    taken = {arm.id for arm in state.arms}
    return next(name for k in range(1, len(taken) + 2) if (name := f"a{k}") not in taken)


def _index(arm: ReviewArm, index: int) -> int:
    if not 0 <= index < len(arm.corners):
        raise ReviewError(f"arm {arm.name}", f"a corner from 0 to {len(arm.corners) - 1}", f"{index}", "choose another")
    return index


def _clipped(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def _level(state: ReviewState, y: float, above: float | None, below: float | None) -> float:
    """Return a height limited to those of the corners before and after it, and to the frame."""
    _, top, _, bottom = state.frame
    y = _clipped(y, top, bottom)
    first, last = (above, below) if state.downwards > 0 else (below, above)
    low, high = top if first is None else first, bottom if last is None else last
    return _clipped(y, min(low, high), high)


def _falling(
    state: ReviewState, corners: Sequence[Corner], where: str, slack: float | None = None
) -> tuple[Corner, ...]:
    """Return corners in order of x, none above the one before it.

    Parameters
    ----------
    corners : sequence of (x, y)
        In any order; of those at one x the last counts.
    where : str
        What they are, for messages.
    slack : float or None
        Pixels by which one may lie above those before it; None where any may, as of clicks.

    Raises
    ------
    ReviewError
        If one lies higher than that, which would let survival rise.
    """
    way = state.downwards
    made: list[Corner] = []
    for x, y in sorted(corners, key=lambda corner: corner[0]):
        level = y
        if made:
            rise = way * (made[-1][1] - y)
            if slack is not None and rise > slack:
                raise ReviewError(
                    where, "survival never rises", f"a rise of {rise:.1f} pixels at x = {x:.1f}", _MAY_NOT_RISE
                )
            level = made[-1][1] if rise > 0 else y
            if x - made[-1][0] < EDITING.least_step:
                made.pop()
        made.append((x, level))
    return tuple(made)


def _framed(state: ReviewState, corners: Sequence[Corner]) -> list[Corner]:
    """Return corners taken to the edge of the frame where they are outside."""
    x0, y0, x1, y1 = state.frame
    return [(_clipped(x, x0, max(x0, x1)), _clipped(y, y0, y1)) for x, y in corners]


def _with_corners(state: ReviewState, arm: ReviewArm, corners: Sequence[Corner], slack: float | None) -> ReviewState:
    """Return a state with other corners of an arm, and its marks as far as the curve goes."""
    made = _falling(state, corners, f"arm {arm.name}", slack)
    marks = arm.marks if arm.marks is None else _on_curve(arm.marks, made)
    return with_arm(state, arm.model_copy(update={"corners": made, "marks": marks}))


def _on_curve(marks: Sequence[float], corners: Sequence[Corner]) -> tuple[float, ...]:
    """Return the marks between a curve's ends; those beyond are taken to the end that is nearer."""
    if not corners:
        return tuple(sorted(marks))
    return tuple(sorted(_clipped(x, corners[0][0], corners[-1][0]) for x in marks))


def move_corner(state: ReviewState, arm: str, index: int, x: Place, y: Place) -> ReviewState:
    """Move a corner; it stops between its neighbours."""
    found = arm_of(state, arm)
    corners = list(found.corners)
    k = _index(found, index)
    before = corners[k - 1] if k else None
    after = corners[k + 1] if k + 1 < len(corners) else None
    x0, _, x1, _ = state.frame
    low = x0 if before is None else before[0] + EDITING.least_step
    high = x1 if after is None else after[0] - EDITING.least_step
    level = _level(state, y, None if before is None else before[1], None if after is None else after[1])
    corners[k] = _clipped(x, low, max(low, high)), level
    return _with_corners(state, found, corners, slack=None)


def insert_corner(state: ReviewState, arm: str, x: Place, y: Place) -> ReviewState:
    """Add a step at x, down to y, as far as the corners beside it allow."""
    found = arm_of(state, arm)
    x0, _, x1, _ = state.frame
    x = _clipped(x, x0, x1)
    if any(abs(x - at) < EDITING.least_step for at, _ in found.corners):
        raise ReviewError(
            f"arm {found.name}", "a place without a corner", f"x = {x:g}", "move the corner that is there"
        )
    before = [corner for corner in found.corners if corner[0] < x]
    after = [corner for corner in found.corners if corner[0] > x]
    level = _level(state, y, before[-1][1] if before else None, after[0][1] if after else None)
    return _with_corners(state, found, [*before, (x, level), *after], slack=None)


def delete_corner(state: ReviewState, arm: str, index: int) -> ReviewState:
    """Remove a corner; the curve is level there."""
    found = arm_of(state, arm)
    k = _index(found, index)
    if len(found.corners) < 3:
        raise ReviewError(f"arm {found.name}", "two corners at least", "one would be left", "delete the arm instead")
    return _with_corners(state, found, found.corners[:k] + found.corners[k + 1 :], slack=None)


def redraw(state: ReviewState, arm: str, corners: Places) -> ReviewState:
    """Replace the stretch from the first x of ``corners`` to the last by them."""
    found = arm_of(state, arm)
    piece = _falling(state, _framed(state, corners), "the new stretch")
    first, last = piece[0][0], piece[-1][0]
    before = [corner for corner in found.corners if corner[0] < first]
    after = [corner for corner in found.corners if corner[0] > last]
    return _with_corners(state, found, [*before, *piece, *after], EDITING.slack)


def add_arm(state: ReviewState, name: str, corners: Places, colour: str | None = None) -> ReviewState:
    """Add a curve that a person drew."""
    made = _falling(state, _framed(state, corners), "the new curve")
    if len(made) < 2:
        raise ReviewError("the new curve", "two corners at least", f"{len(made)}", "click its start and its end")
    arm = ReviewArm(
        id=_new_id(state), name=no_other_name(state, name), colour=colour or "#000000", corners=made, by_hand=True
    )
    return state.model_copy(update={"arms": (*state.arms, arm)})


def _stretch(arm: ReviewArm, x_from: float, x_to: float) -> list[Corner]:
    """Return a curve between two places, with its height where it enters."""
    inner = [corner for corner in arm.corners if x_from <= corner[0] <= x_to]
    level = level_at(arm.corners, x_from)
    return inner if level is None or (inner and inner[0][0] == x_from) else [(x_from, level), *inner]


def _resumed(arm: ReviewArm, x: float) -> list[Corner]:
    """Return a curve from a place on; nothing where it has ended."""
    level = level_at(arm.corners, x)
    after = [corner for corner in arm.corners if corner[0] > x]
    return [(x, level), *after] if level is not None and after else after


def give_stretch(state: ReviewState, arm: str, to: str, x_from: Place, x_to: Place) -> ReviewState:
    """Give what an arm shows between two places to another; it is level there itself."""
    giver, taker = arm_of(state, arm), arm_of(state, to)
    if giver.id == taker.id or not x_from < x_to:
        raise ReviewError(
            "stretch", "from left to right, of one arm to another", f"{x_from:g} to {x_to:g}", "choose again"
        )
    piece = _stretch(giver, x_from, x_to)
    if not piece:
        raise ReviewError(f"arm {giver.name}", "a stretch that it has", f"{x_from:g} to {x_to:g}", "choose another")
    left = [corner for corner in giver.corners if corner[0] < x_from]
    own = [corner for corner in taker.corners if corner[0] < x_from]
    kept = [*left, *_resumed(giver, x_to)]
    marks = [x for x in giver.marks or () if x_from <= x <= x_to]
    if len(kept) < 2:
        state = delete_arm(state, giver.id)
    else:
        rest = None if giver.marks is None else tuple(x for x in giver.marks if x not in marks)
        state = _with_corners(state, giver.model_copy(update={"marks": rest}), kept, EDITING.slack)
    more = taker.marks if not marks else (*(taker.marks or ()), *marks)
    after = _resumed(taker, x_to)
    return _with_corners(state, taker.model_copy(update={"marks": more}), [*own, *piece, *after], EDITING.slack)


def _meeting(state: ReviewState, one: ReviewArm, other: ReviewArm, x: float) -> float | None:
    """Return the place nearest to x, x itself first, where both curves are within the slack of each other."""
    reach = EDITING.crossing_reach * state.figure.width
    places = [x, *sorted((at for at, _ in (*one.corners, *other.corners)), key=lambda at: abs(at - x))]
    for at in places:
        a, b = level_at(one.corners, at), level_at(other.corners, at)
        if abs(at - x) <= reach and a is not None and b is not None and abs(a - b) <= EDITING.slack:
            return at
    return None


def swap_after(state: ReviewState, arm: str, other: str, x: Place) -> ReviewState:
    """Exchange what two arms show after a place where they meet, marks and all."""
    one, two = arm_of(state, arm), arm_of(state, other)
    if one.id == two.id:
        raise ReviewError("arms", "two arms", f"{one.name} twice", "choose another")
    at = _meeting(state, one, two, x)
    if at is None:
        names = f"{one.name} and {two.name}"
        raise ReviewError(
            names,
            "a place where the curves meet",
            f"none near x = {x:.1f}",
            "click where they cross, or give a stretch",
        )
    made = []
    for keeps, takes in ((one, two), (two, one)):
        corners = [c for c in keeps.corners if c[0] <= at] + [c for c in takes.corners if c[0] > at]
        parts = ([x for x in keeps.marks or () if x <= at], [x for x in takes.marks or () if x > at])
        none = keeps.marks is None and takes.marks is None
        made.append((keeps.model_copy(update={"marks": None if none else tuple(parts[0] + parts[1])}), corners))
    for changed, corners in made:
        state = _with_corners(state, changed, corners, EDITING.slack)
    return state


def merge_arms(state: ReviewState, arm: str, other: str) -> ReviewState:
    """Make one arm of two: the curve that starts later goes on where the other one ends, or takes over from there."""
    one, two = arm_of(state, arm), arm_of(state, other)
    if one.id == two.id:
        raise ReviewError("arms", "two arms", f"{one.name} twice", "choose another")
    first, second = sorted((one, two), key=lambda found: found.corners[0][0] if found.corners else 0.0)
    start = second.corners[0][0] if second.corners else 0.0
    corners = [c for c in first.corners if c[0] < start] + list(second.corners)
    marks = [x for x in first.marks or () if x < start] + list(second.marks or ())
    none = one.marks is None and two.marks is None
    kept = one.model_copy(
        update={
            "marks": None if none else tuple(marks), "n": one.n or two.n, "n_source": one.n_source or two.n_source,
            "events": one.events if one.events is not None else two.events, "by_hand": one.by_hand or two.by_hand,
        }
    )  # fmt: skip
    return delete_arm(_with_corners(state, kept, corners, EDITING.slack), two.id, instead=one.id)


def split_arm(state: ReviewState, arm: str, x: Place, name: str) -> ReviewState:
    """Make another arm of what an arm shows after a place."""
    found = arm_of(state, arm)
    level = level_at(found.corners, x)
    after = [corner for corner in found.corners if corner[0] > x]
    before = [corner for corner in found.corners if corner[0] <= x]
    if level is None or not after or len(before) < 1:
        raise ReviewError(f"arm {found.name}", "a place between its ends", f"x = {x:.1f}", "click on the curve")
    marks = found.marks
    left = found.model_copy(update={"marks": None if marks is None else tuple(m for m in marks if m <= x)})
    right = found.model_copy(
        update={
            "id": _new_id(state), "name": no_other_name(state, name), "name_source": "given", "n": None,
            "n_source": None, "events": None, "marks": None if marks is None else tuple(m for m in marks if m > x),
            "corners": ((x, level), *after),
        }
    )  # fmt: skip
    ends = [*before, (x, level)] if before[-1][0] < x else [*before[:-1], (x, before[-1][1])]
    if len(ends) < 2:
        raise ReviewError(f"arm {found.name}", "a place behind its first corner", f"x = {x:.1f}", "click further right")
    state = _with_corners(state, left, ends, EDITING.slack)
    return state.model_copy(update={"arms": (*state.arms, right)})


def rename_arm(state: ReviewState, arm: str, name: str) -> ReviewState:
    """Give an arm another name."""
    found = arm_of(state, arm)
    update = {"name": no_other_name(state, name, but=found.id), "name_source": "given"}
    return settled(with_arm(state, found.model_copy(update=update)), "arm name", found.id)


def delete_arm(state: ReviewState, arm: str, instead: str | None = None) -> ReviewState:
    """Remove an arm; what belonged to it is another's, if one is named that is there, and else nobody's."""
    gone = arm_of(state, arm).id
    heir = None if instead is None else arm_of(state, instead).id
    has_row = {row.arm for row in state.table.rows}
    owner = heir if heir not in has_row else None
    rows = tuple(row.model_copy(update={"arm": owner}) if row.arm == gone else row for row in state.table.rows)
    statistics = tuple(
        one.model_copy(update={key: heir for key in ("arm", "of", "over") if getattr(one, key) == gone})
        for one in state.statistics
    )
    if heir is None:  # what was doubtful of a curve that is none is settled; its row may be another's still
        for field in sorted({d.field for d in state.doubts if d.arm == gone} - {"numbers at risk"}):
            state = settled(state, field, gone)
    doubts = tuple(d.model_copy(update={"arm": heir}) if d.arm == gone else d for d in state.doubts)
    return state.model_copy(
        update={
            "arms": tuple(one for one in state.arms if one.id != gone),
            "table": state.table.model_copy(update={"rows": rows}),
            "statistics": statistics,
            "doubts": doubts,
            "control": heir if state.control == gone else state.control,
        }
    )


def order_arms(state: ReviewState, arms: tuple[str, ...]) -> ReviewState:
    """Put the arms in another order."""
    if sorted(arms) != sorted(arm.id for arm in state.arms):
        raise ReviewError("arms", "every arm once", ", ".join(arms) or "none", "name all arms")
    return state.model_copy(update={"arms": tuple(arm_of(state, arm) for arm in arms)})


def set_marks(state: ReviewState, arm: str, marks: tuple[Place, ...] | None) -> ReviewState:
    """Give an arm these censoring marks; None where the figure shows none."""
    found = arm_of(state, arm)
    made = None if marks is None else _on_curve(marks, found.corners)
    return settled(with_arm(state, found.model_copy(update={"marks": made})), "marks", arm)


def add_mark(state: ReviewState, arm: str, x: Place) -> ReviewState:
    """Add a censoring mark on a curve."""
    return set_marks(state, arm, (*(arm_of(state, arm).marks or ()), x))


def _mark(found: ReviewArm, index: int) -> float:
    marks = found.marks or ()
    if not 0 <= index < len(marks):
        raise ReviewError(f"arm {found.name}", f"one of its {len(marks)} marks", f"{index}", "choose another")
    return marks[index]


def move_mark(state: ReviewState, arm: str, index: int, x: Place) -> ReviewState:
    """Move a mark along its curve."""
    found = arm_of(state, arm)
    _mark(found, index)
    marks = found.marks or ()
    return set_marks(state, arm, (*marks[:index], x, *marks[index + 1 :]))


def delete_mark(state: ReviewState, arm: str, index: int) -> ReviewState:
    """Remove a mark."""
    found = arm_of(state, arm)
    _mark(found, index)
    marks = found.marks or ()
    return set_marks(state, arm, marks[:index] + marks[index + 1 :])


def give_marks(state: ReviewState, arm: str, to: str, indices: tuple[int, ...]) -> ReviewState:
    """Give marks of one arm to another."""
    found, taker = arm_of(state, arm), arm_of(state, to)
    given = [_mark(found, index) for index in indices]
    if found.id == taker.id:
        raise ReviewError("arms", "two arms", f"{found.name} twice", "choose another")
    rest = tuple(x for k, x in enumerate(found.marks or ()) if k not in set(indices))
    return set_marks(set_marks(state, arm, rest), to, (*(taker.marks or ()), *given))


CURVE_OPERATIONS: dict[str, Callable[..., ReviewState]] = {
    one.__name__: one
    for one in (
        move_corner, insert_corner, delete_corner, redraw, add_arm, give_stretch, swap_after, merge_arms, split_arm,
        rename_arm, delete_arm, order_arms, set_marks, add_mark, move_mark, delete_mark, give_marks,
    )
}  # fmt: skip
"""By the name that the page sends."""

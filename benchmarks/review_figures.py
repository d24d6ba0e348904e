"""Published figures that are not read right, corrected in the review page as a person would, in how many inputs.

    python -m benchmarks.review_figures FIGURES [--only A,B] [--out DIR] [--write]

FIGURES is as for `benchmarks.real`. Where fewer than ten are not right, the first of the others are filled up to ten,
each with a fault that is put into its reading: arms exchanged, an end of the time axis misread, a number at risk
misread, a curve that is none. A script sits before the page with mouse and keyboard: it knows what a figure's
truth.json says (names, numbers, ends of the axes, checkpoints of the curves), which is what a person sees in the
figure, and corrects what differs. Every click, drag, key and turn of the wheel is one input, a typed value is one, a
choice from a list two; accepting counts too. Needs chromium. Afterwards the accepted record is run and scored as by
`benchmarks.real`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.options import first_line
from benchmarks.real import ALIKE, PICTURES, Outcome, _alike, _called, _cases, _plain, scored
from benchmarks.results import write_section
from tests.browser.person import Person, open_page, review_server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from playwright.sync_api import Browser

    from survrecon.arrays import FloatArray
    from tests.browser.person import Place

__all__ = ["Corrected", "corrected", "main"]

ACCEPTING = 120_000
"""Milliseconds that accepting may take: all draws of four large arms on a busy machine."""
OFF = 0.003
"""Fraction of the axis, beyond a checkpoint's own tolerance, that a person sees a line beside the ink."""
DEATHS = 0.03
"""A printed share that is this near 1 - S of the curve, and farther from S, is of deaths, as its figure says."""
FEW = 2
"""Levels of a curve that are put right by dragging them; more are redrawn."""
SNAPPING = 1500
"""Milliseconds in which a redrawn line has followed the ink."""
FIGURES = 10
"""Figures at least, right ones with a fault among them."""
MISREAD = 0.2
"""Share of an axis by which its end is off where it was misread: what is less is another tick."""
Truth = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """A figure: what it was before and after, and what it took."""

    name: str
    before: str
    after: str
    inputs: int
    wrong_before: str
    wrong_after: str


class _Axes:
    """Turns what is printed into places of the picture, and back."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.full = 100.0 if state["percent"] else 1.0
        self.rising = state["one_minus_survival"]
        self._pairs = {
            axis: np.array(sorted([h["value"], h["pixel"]] for h in state["axes"][axis]["handles"])).T
            for axis in ("time", "survival")
        }

    def _between(self, axis: str, at: FloatArray, known: int) -> FloatArray:
        order = np.argsort(self._pairs[axis][known])
        x, y = self._pairs[axis][known][order], self._pairs[axis][1 - known][order]
        k = np.clip(np.searchsorted(x, at), 1, len(x) - 1)
        return np.asarray(y[k - 1] + (at - x[k - 1]) * (y[k] - y[k - 1]) / (x[k] - x[k - 1]))

    def place(self, time: float, shown: float) -> Place:
        """Return where a time and a value, as a fraction, are in the picture."""
        x = self._between("time", np.array([time]), 0)[0]
        return float(x), float(self._between("survival", np.array([shown * self.full]), 0)[0])

    def curve(self, arm: Mapping[str, Any]) -> tuple[FloatArray, FloatArray]:
        """Return times and values, as fractions, of an arm's corners."""
        x, y = np.array(arm["corners"], float).T
        return self._between("time", x, 1), self._between("survival", y, 1) / self.full


def _far(curve: tuple[FloatArray, FloatArray], truth: Truth) -> FloatArray:
    """Return how far a curve is from each checkpoint of a truth, beyond its tolerance."""
    time, value = curve
    points = np.array(truth.get("survival") or np.empty((0, 3)), float)
    k = np.clip(np.searchsorted(time, points[:, 0], side="right") - 1, 0, None)
    return np.asarray(np.maximum(np.abs(value[k] - points[:, 1]) - points[:, 2], 0.0))


def _pairs(state: Mapping[str, Any], truths: Sequence[Truth]) -> dict[int, dict[str, Any]]:
    """Return the arm of each truth: the curves that fit best together."""
    axes, arms = _Axes(state), state["arms"]
    off = np.array([[float(_far(axes.curve(arm), truth).sum()) for arm in arms] for truth in truths])
    rows, columns = linear_sum_assignment(off)
    return {int(i): arms[int(k)] for i, k in zip(rows, columns, strict=True)}


def _exchange_arms(person: Person) -> None:
    """Let two arms change names from the start on."""
    one, two, *_ = person.state()["arms"]
    person.seed("swap_after", arm=one["id"], other=two["id"], x=one["corners"][0][0])


def _misread_end(person: Person) -> None:
    """Read the last number of the time axis as a tenth of it."""
    handles = person.state()["axes"]["time"]["handles"]
    person.seed("set_handle", axis="time", index=len(handles) - 1, value=handles[-1]["value"] / 10)


def _misread_cell(person: Person) -> None:
    """Read a number at risk as another one."""
    row = next(row for row in person.state()["table"]["rows"] if row["arm"] and row["kind"] == "at risk")
    column = next(k for k, cell in enumerate(row["cells"]) if k and cell["value"] is not None)
    person.seed("set_cell", row=row["id"], column=column, value=row["cells"][column]["value"] // 10)


def _invent_curve(person: Person) -> None:
    """Take a line in the upper right corner for a curve."""
    x0, y0, x1, y1 = person.state()["frame"]
    y = y0 + 0.05 * (y1 - y0)
    person.seed("add_arm", name="line", corners=[[x0 + 0.6 * (x1 - x0), y], [x0 + 0.7 * (x1 - x0), y]], colour=None)


FAULTS: dict[str, Callable[[Person], None]] = {
    "arms exchanged": _exchange_arms,
    "an end of the time axis misread": _misread_end,
    "a number at risk misread": _misread_cell,
    "a curve that is none": _invent_curve,
}


def _correct_time_axis(person: Person, truth: Truth) -> None:
    """Type the last number of the time axis where it was misread."""
    handles, last = person.state()["axes"]["time"]["handles"], truth.get("x", {}).get("last")
    if last and abs(handles[-1]["value"] / last - 1) > MISREAD:
        person.click_on(f"[data-key=handle-time-{len(handles) - 1}]")
        person.type(f"{last:g}")
        person.press("Enter")
        person.saved()


def _correct_number_of_curves(person: Person, truths: Sequence[Truth]) -> None:
    """Delete what is no curve, and trace a curve that is not there."""
    state = person.state()
    kept = {arm["id"] for arm in _pairs(state, truths).values()}
    for place, arm in reversed(list(enumerate(state["arms"], start=1))):
        if arm["id"] not in kept:
            person.press(str(place), "Delete")
            person.saved()
    state = person.state()
    found = _pairs(state, truths)
    for i, truth in enumerate(truths):
        if i in found:
            continue
        axes = _Axes(state)
        points = [(0.0, 0.0 if axes.rising else 1.0), *((t, v) for t, v, _ in truth["survival"])]
        person.press("t")
        for time, value in points:
            person.click(axes.place(time, value))
        person.press("Enter")
        person.page.wait_for_selector("#ask-name")
        person.type(truth["name"] or f"arm {i + 1}")
        person.press("Enter")
        person.saved()


def _correct_curves(person: Person, truths: Sequence[Truth], *, redraw: bool) -> None:
    """Put curves right that are beside the ink: a level or two by dragging them, a longer stretch by redrawing it.

    A stretch is redrawn by clicks at the checkpoints, from the one before it to the one after it.
    """
    state = person.state()
    axes = _Axes(state)
    order = [arm["id"] for arm in state["arms"]]
    for i, arm in _pairs(state, truths).items():
        points = truths[i].get("survival") or []
        curve = axes.curve(arm)
        wrong = np.flatnonzero(_far(curve, truths[i]) > OFF)
        if not wrong.size:
            continue
        if wrong.size <= FEW and not redraw:
            for time, value, _ in [points[k] for k in wrong]:
                drawn = curve[1][max(int(np.searchsorted(curve[0], time, side="right")) - 1, 0)]
                person.drag(axes.place(time, float(drawn)), axes.place(time, value))
                person.saved()
            continue
        first, last = max(int(wrong[0]) - 1, 0), min(int(wrong[-1]) + 1, len(points) - 1)
        person.press("Escape", str(order.index(arm["id"]) + 1), "r")
        if wrong[0] == 0:
            person.click(axes.place(0.0, 0.0 if axes.rising else 1.0))
        for time, value, _ in points[first : last + 1]:
            person.click(axes.place(time, value))
        person.press("Enter")
        person.page.wait_for_timeout(SNAPPING)
        person.saved()


def _correct_names(person: Person, truths: Sequence[Truth]) -> None:
    """Type the names that are not right; a name that another arm still bears is typed after that one's."""
    for _ in range(len(truths) + 1):
        state = person.state()
        names = [arm["name"] for arm in state["arms"]]
        left = []
        for i, arm in _pairs(state, truths).items():
            own = [max(_alike(arm["name"], n) for n in (t["name"], *t.get("other_names", ()))) for t in truths]
            if _plain(truths[i]["name"]) and (own[i] <= ALIKE or own[i] < max(own)):
                left.append((arm["id"], truths[i]["name"]))
        free = next(((arm, name) for arm, name in left if name not in names), None)
        if not left:
            return
        arm, name = free or (left[0][0], "to be named")
        _open(person, "curves")
        person.click_on(f"[data-key=name-{arm}]")
        person.type(name)
        person.press("Enter")
        person.saved()


def _open(person: Person, tab: str) -> None:
    """Open a tab, unless it is."""
    if not person.page.is_visible(f"#{tab}"):
        person.click_on(f"#tab-{tab}")


def _row_of(state: Mapping[str, Any], truth: Truth) -> tuple[dict[str, Any] | None, int]:
    """Return the row of the table that holds a truth's counts best, and how many it holds."""
    risk = truth.get("risk") or {"times": [], "counts": []}
    known = dict(zip(risk["times"], risk["counts"], strict=True))
    best: tuple[dict[str, Any] | None, int] = (None, 0)
    for row in state["table"]["rows"]:
        cells = zip(state["table"]["times"], row["cells"], strict=True)
        good = sum(known.get(time) == cell["value"] for time, cell in cells if known.get(time) is not None)
        if good > best[1]:
            best = row, good
    return best


def _correct_rows(person: Person, truths: Sequence[Truth]) -> None:
    """Say of which arm each row is, remove a column that is not printed, and add a table or row that was not read."""
    printed = {time for truth in truths if truth.get("risk") for time in truth["risk"]["times"]}
    if not printed:
        return
    state = person.state()
    for column in reversed(range(len(state["table"]["times"]))):
        values = [row["cells"][column]["value"] for row in state["table"]["rows"]]
        if state["table"]["times"][column] not in printed and not set(values) <= {t.get("n") for t in truths}:
            _open(person, "numbers")
            person.click_on(f"[data-key=drop-time-{column}]")
            person.saved()
    missing = sorted(printed - set(person.state()["table"]["times"]))
    if missing:
        _open(person, "numbers")
        person.click_on("[data-key=add-time]")
        person.type(" ".join(f"{time:g}" for time in missing), values=len(missing))
        person.press("Enter")
        person.saved()
    for i, arm in _pairs(person.state(), truths).items():
        state = person.state()
        row, good = _row_of(state, truths[i])
        if row is not None and good > 1 and row["arm"] != arm["id"]:
            _open(person, "numbers")
            person.choose(f"[data-key=row-arm-{row['id']}]", arm["id"])
            person.saved()
        elif row is None and truths[i].get("risk") and arm["id"] not in {one["arm"] for one in state["table"]["rows"]}:
            _open(person, "numbers")
            person.click_on("[data-key=add-row]")
            person.saved()
            (new,) = [one for one in person.state()["table"]["rows"] if one not in state["table"]["rows"]]
            if new["arm"] != arm["id"]:
                person.choose(f"[data-key=row-arm-{new['id']}]", arm["id"])
                person.saved()


def _correct_cells(person: Person, truths: Sequence[Truth]) -> None:
    """Type each number that is not the printed one; numbers below each other go into the first field."""
    for i, arm in _pairs(person.state(), truths).items():
        risk = truths[i].get("risk")
        if not risk:
            continue
        state = person.state()
        times = state["table"]["times"]
        known = dict(zip(risk["times"], risk["counts"], strict=True))
        for row in [one for one in state["table"]["rows"] if one["arm"] == arm["id"] and one["kind"] == "at risk"]:
            read = [cell["value"] for cell in row["cells"]]
            printed = [known.get(time) for time in times]
            column = 0
            while column < len(read):
                run = 0
                while column + run < len(read) and printed[column + run] not in (None, read[column + run]):
                    run += 1
                if run:
                    _open(person, "numbers")
                    person.click_on(f"[data-key=cell-{row['id']}-{column}]")
                    person.type(" ".join(str(one) for one in printed[column : column + run]), values=run)
                    person.press("Enter")
                    person.saved()
                column += run + 1


def _correct_patients(person: Person, truths: Sequence[Truth]) -> None:
    """Type N where it is not the printed one."""
    for i, arm in _pairs(person.state(), truths).items():
        if truths[i].get("n") is not None and arm["n"] != truths[i]["n"]:
            _open(person, "curves")
            person.click_on(f"[data-key=n-{arm['id']}]")
            person.type(str(truths[i]["n"]))
            person.press("Enter")
            person.saved()


def _correct_shares_of_deaths(person: Person) -> None:
    """Say of each printed survival at a time that is a share of deaths that it is one."""
    state = person.state()
    axes, arms = _Axes(state), {arm["id"]: arm for arm in state["arms"]}
    for one in state["statistics"]:
        if one["quantity"] != "survival_at" or one["arm"] not in arms or one["value"] is None or axes.rising:
            continue
        time, value = axes.curve(arms[one["arm"]])
        drawn = float(value[max(int(np.searchsorted(time, one["time"], side="right")) - 1, 0)])
        share = one["value"] / (100.0 if one["value"] > 1 else 1.0)
        if abs(1 - share - drawn) < DEATHS < abs(share - drawn):
            _open(person, "numbers")
            person.click_on(f"[data-key=deaths-{one['id']}]")
            person.saved()


def _correct(person: Person, truth: Truth) -> None:
    """Correct what differs from the truth, in the order of the page, and try to accept."""
    truths = truth["arms"]
    _correct_time_axis(person, truth)
    _correct_number_of_curves(person, truths)
    for redraw in (False, True):
        _correct_curves(person, truths, redraw=redraw)
    _correct_names(person, truths)
    _correct_rows(person, truths)
    _correct_cells(person, truths)
    _correct_patients(person, truths)
    _correct_shares_of_deaths(person)
    person.click_on("#accept")
    person.page.wait_for_selector("#accept:disabled, #toast.error:not([hidden])", timeout=ACCEPTING)


def corrected(browser: Browser, folder: Path, truth: Truth, out: Path, fault: str = "") -> Corrected | None:
    """Read a figure, correct it in the page and score it again; None where it is right as read, and gets no fault."""
    figure = next(p for p in sorted(folder.glob("figure.*")) if p.suffix.lower() in PICTURES)
    verb = "digitize" if any(arm.get("n") is None for arm in truth["arms"]) else "run"
    before = scored(folder.name, truth, out / "read", _called(verb, figure, "-o", out / "read"))
    if before.outcome is Outcome.RIGHT and not fault:
        return None
    inputs, done = 0, out / "review"
    with review_server(figure, done, "--reader", "script") as server:
        page = open_page(browser, server.address)
        person = Person(page=page)
        if fault:
            FAULTS[fault](person)
            page.reload()
            page.wait_for_selector("html[data-ready]")
        try:
            _correct(person, truth)
        finally:
            inputs = person.inputs
            (out / "inputs.txt").write_text("\n".join(person.told), encoding="utf-8")
            page.context.close()
    message = _called("run", done, "-o", out / "run") if verb == "run" else ""
    for name in ("report.json", "overlay.png"):
        source = next((p for p in (out / "run" / name, done / name, out / "read" / name) if p.exists()), None)
        if source is not None and source.parent != done and (name == "overlay.png" or verb == "run"):
            shutil.copyfile(source, done / name)
    after = scored(folder.name, truth, done, message)
    words = ["; ".join(f"{stage}: {text}" for stage, text in one.wrong.items()) or one.said for one in (before, after)]
    return Corrected(
        name=folder.name, before=before.outcome, after=after.outcome, inputs=inputs,
        wrong_before=f"with a fault: {fault}" if fault else words[0].split("\n")[0],
        wrong_after=f"{words[1]}{f' ({after.grade})' if after.outcome is not Outcome.RIGHT else ''}",
    )  # fmt: skip


def _table(found: Sequence[Corrected]) -> str:
    """Return a row a figure, without its name: before, after, inputs; and the median."""
    lines = ["| figure | as read | what is wrong | inputs | corrected | what is left |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {one.name} | {one.before} | {one.wrong_before[:90]} | {one.inputs} | {one.after} | {one.wrong_after[:90]} |"
        for one in found
    ]
    inputs = [one.inputs for one in found if one.after == Outcome.RIGHT]
    median = statistics.median(inputs) if inputs else 0
    said = f"{len(inputs)} of {len(found)} figures that were not right are right after {median:g} inputs (median)."
    lines += ["", said]
    return "\n".join(lines)


def main() -> None:
    """Correct the figures, and print what it took."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(prog="python -m benchmarks.review_figures", description=first_line(__doc__))
    parser.add_argument("figures", type=Path, help="a folder a figure, each with its truth.json")
    parser.add_argument("--only", type=lambda t: tuple(t.split(",")), default=(), help="names, joined by commas")
    parser.add_argument("--out", type=Path, help="folder for what is read; a temporary one where left out")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    asked = parser.parse_args()
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    found = []
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        right, faults = [], list(FAULTS)

        def add(folder: Path, truth: Truth, fault: str = "") -> None:
            out = (asked.out or Path(name)) / folder.name
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir(parents=True)
            one = corrected(browser, folder, truth, out, fault)
            if one is None:
                right.append((folder, truth))
            else:
                print(json.dumps(one.__dict__, ensure_ascii=False), flush=True)
                found.append(one)

        for folder, truth in _cases(asked.figures, asked.only, pages=False):
            add(folder, truth)
        able = [one for one in right if len(one[1]["arms"]) > 1 and all(arm.get("risk") for arm in one[1]["arms"])]
        for k, (folder, truth) in enumerate(able[: max(FIGURES - len(found), 0)]):
            add(folder, truth, faults[k % len(faults)])
        browser.close()
    print(_table(found))
    if asked.write:
        write_section("Corrections in the review page", "python -m benchmarks.review_figures FIGURES", _table(found))


if __name__ == "__main__":
    main()

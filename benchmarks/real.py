"""Published figures with truth by hand: what comes out right, by style of the figure and by stage of the reading.

    python -m benchmarks.real FIGURES [--pages] [--only A,B] [--cache DIR] [--out DIR] [--write]

FIGURES holds a folder a figure: ``figure.*`` (a panel as cut out), perhaps ``page.pdf`` (the page it stands on), and
``truth.json`` (axes, arms with checkpoints of their curves, cells of the risk table, printed statistics). Nothing is
typed. With ``--pages`` the pages are read, every panel, and a truth counts when one folder of its page is right. With
``--cache`` the words that are recognised are kept by the picture's hash, so that a change of words alone is tried in
seconds. ``--write`` puts the table into RESULTS.md.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import math
import pickle
import re
import shutil
import sys
import tempfile
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from benchmarks.options import first_line
from benchmarks.results import write_section
from survrecon.cli import main as command_line
from survrecon.digitizing.raster import ocr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from survrecon.arrays import FloatArray

__all__ = ["Outcome", "Scored", "Stage", "main", "scored", "table"]

PICTURES = (".png", ".jpg", ".jpeg", ".pdf", ".svg")
CURVE, END, ALIKE, CELLS, LN_RATIO = 0.01, 0.02, 0.8, 0.98, 0.006
"""Shares of the axes beyond a checkpoint's own tolerance; likeness of names; cells read; printed ratios."""


class Stage(StrEnum):
    """Where a reading may go wrong, in the order of the work."""

    AXES = "axes"
    CURVES = "curves"
    NAMES = "names"
    TABLE = "table"
    STATISTICS = "statistics"
    DIRECTION = "direction"


class Outcome(StrEnum):
    """What came of a figure."""

    RIGHT = "right"
    FLAGGED = "flagged"
    SILENT = "silent"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One figure: its styles, what came of it, and why it is wrong, by stage."""

    name: str
    styles: tuple[str, ...]
    outcome: Outcome
    wrong: Mapping[Stage, str] = field(default_factory=dict)
    grade: str | None = None
    said: str = ""


def _plain(text: object) -> str:
    return re.sub(r"[^0-9a-z+<>=%-]", "", str(text).lower())


def _alike(a: object, b: object) -> float:
    a, b = _plain(a), _plain(b)
    return SequenceMatcher(None, a, b).ratio() if a and b else 0.0


def _curves(folder: Path, record: Mapping[str, Any]) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return times and survival of each arm of a record."""
    found = {}
    for arm in record["arms"]:
        points = pd.read_csv(folder / arm["points"]["file"]).sort_values("time", kind="stable")
        found[arm["name"]] = points.time.to_numpy(float), points.survival.to_numpy(float)
    return found


def _off(curve: tuple[FloatArray, FloatArray], truth: Mapping[str, Any], *, rising: bool) -> float:
    """Return how far a curve is from a truth's checkpoints, beyond their own tolerance."""
    time, survival = curve
    worst = 0.0
    for at, value, tolerance in truth.get("survival") or ():
        k = int(np.searchsorted(time, at, side="right")) - 1
        read = survival[k] if k >= 0 else 1.0
        worst = max(worst, abs(read - (1 - value if rising else value)) - tolerance)
    return worst


def _axes(truth: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """Return what is wrong with the axes."""
    said, y = record.get("axes", {}), truth.get("y") or {}
    unit = str((truth.get("x") or {}).get("unit") or "").lower()[:3]
    percent = said.get("survival_unit", "fraction") == "percent"
    if unit in {"day", "wee", "mon", "yea"} and not str(said.get("time_unit", "")).startswith(unit):
        return f"time in {said.get('time_unit')}"
    return "" if y.get("percent") is None or percent == bool(y["percent"]) else "survival unit"


def _names_and_table(
    truths: Sequence[Mapping[str, Any]], pairs: Mapping[int, str], folder: Path, arms: Mapping[str, Any]
) -> dict[Stage, str]:
    """Return what is wrong with names, patients and cells."""
    wrong: dict[Stage, str] = {}
    path = folder / "risk_table.csv"
    risk = pd.read_csv(path) if path.exists() else None
    good = cells = bad = 0
    for i, truth in enumerate(truths):
        name = pairs[i]
        own = [max(_alike(name, known) for known in (t["name"], *t.get("other_names", ()))) for t in truths]
        if _plain(truth["name"]) and (own[i] <= ALIKE or own[i] < max(own)):
            wrong.setdefault(Stage.NAMES, name)
        if truth.get("n") is not None and arms[name].get("n") != truth["n"]:
            wrong.setdefault(Stage.TABLE, f"N of {name}: {arms[name].get('n')}")
        row = truth.get("risk") or {"times": [], "counts": []}
        step = float(np.median(np.diff(row["times"]))) if len(row["times"]) > 1 else 1.0
        for time, count in zip(row["times"], row["counts"], strict=True):
            if count is None:
                continue
            cells += 1
            if risk is None or name not in risk:
                continue
            k = int((risk.time - time).abs().idxmin())
            if abs(risk.time[k] - time) < step / 4 and pd.notna(risk[name][k]):
                good, bad = good + (risk[name][k] == count), bad + (risk[name][k] != count)
    if cells and (bad or good < CELLS * cells):
        wrong.setdefault(Stage.TABLE, f"{good} of {cells} cells, {bad} wrong")
    return wrong


def _statistics(
    truth: Mapping[str, Any], pairs: Mapping[int, str], report: Mapping[str, Any], *, whole: bool
) -> dict[Stage, str]:
    """Return what is wrong with the printed hazard ratio, and with what the rebuilt one is a ratio of."""
    wrong: dict[Stage, str] = {}
    printed, elsewhere = truth.get("printed") or {}, truth.get("published") or {}
    facts = [c for c in report["checks"] if str(c["quantity"]).replace("_", " ") == "hazard ratio"]
    values = [c["published"] for c in facts if c.get("published")]
    if printed.get("hr") and report["contrasts"]:
        ratio = printed["hr"]
        if not any(min(abs(v - ratio), abs(1 / v - ratio)) <= LN_RATIO * max(1, ratio) for v in values):
            wrong[Stage.STATISTICS] = "printed ratio not read"
    known = printed if printed.get("hr") else elsewhere
    contrast = report["contrasts"][0] if report["contrasts"] else {}
    value = (contrast.get("hazard_ratio") or {}).get("value")
    if known.get("hr") and value and len(pairs) == 2 and whole and truth.get("hr_class") in ("a", "b"):
        of = next(truth["arms"][i]["name"] for i, name in pairs.items() if name == contrast["of"])
        turned = _alike(of, known.get("of") or "") < _alike(of, known.get("over") or "")
        off = (-1 if turned else 1) * math.log(value) - math.log(known["hr"])
        low, high = known.get("low"), known.get("high")
        error = (math.log(high) - math.log(low)) / 3.92 if low and high else 0.0
        share = 0.25 if truth["hr_class"] == "a" else 0.6
        if abs(off) > max(0.05, share * error):
            wrong[Stage.DIRECTION] = f"ln HR off by {off:.2f}"
    if any(c.get("verdict") == "differs" for c in report["checks"]) and whole:
        wrong.setdefault(Stage.DIRECTION, "differs")
    return wrong


def scored(name: str, truth: Mapping[str, Any], folder: Path, message: str) -> Scored:
    """Score one folder against a truth.

    Parameters
    ----------
    name : str
        The figure's.
    truth : mapping
        What its truth.json says.
    folder : Path
        Where the record, and the run's report, should be.
    message : str
        What was said when it was made.
    """
    styles, expected = tuple(truth.get("tags", ())), truth.get("expected", "read")
    meant = any(word.lower() in message.lower() for word in truth.get("words") or ())
    if not (folder / "figure.toml").exists() or not (folder / "overlay.png").exists():
        right = expected in ("refuse", "either") and meant
        return Scored(name=name, styles=styles, outcome=Outcome.RIGHT if right else Outcome.REFUSED, said=message[:200])
    record = tomllib.loads((folder / "figure.toml").read_text(encoding="utf-8"))
    path = folder / "report.json"
    report = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    report = {"contrasts": [], "checks": [], "warnings": []} | report
    reading = record["digitized"].get("reading") or report.get("reading") or {}
    wrong = _wrong(truth, folder, record, report)
    doubts = " ".join(map(str, [*record["digitized"].get("doubts", []), *report["warnings"], message]))
    grade = reading.get("grade")
    said = grade in ("check", "unreliable") or (grade is None and bool(wrong) and _speaks(doubts, wrong))
    outcome = Outcome.RIGHT if not wrong and grade != "unreliable" else Outcome.FLAGGED if said else Outcome.SILENT
    if expected == "either" and meant:
        outcome = Outcome.RIGHT
    return Scored(name=name, styles=styles, outcome=outcome, wrong=wrong, grade=grade)


_SPEAKS = {
    Stage.AXES: "axis|unit", Stage.CURVES: "curve|hidden|arm|end|line", Stage.NAMES: "name|arm",
    Stage.TABLE: "risk|patients", Stage.STATISTICS: "hazard|ratio", Stage.DIRECTION: "direction|differs|swap|ratio",
}  # fmt: skip


def _speaks(doubts: str, wrong: Mapping[Stage, str]) -> bool:
    """Return whether what was said names every stage that went wrong."""
    return all(re.search(_SPEAKS[stage], doubts, re.IGNORECASE) for stage in wrong)


def _wrong(
    truth: Mapping[str, Any], folder: Path, record: Mapping[str, Any], report: Mapping[str, Any]
) -> dict[Stage, str]:
    """Return what is wrong, by stage; what follows curves that are too few or too many is not looked at."""
    wrong: dict[Stage, str] = {}
    axes = _axes(truth, record)
    if axes:
        wrong[Stage.AXES] = axes
    arms, truths = {arm["name"]: arm for arm in record["arms"]}, truth["arms"]
    curves, rising = _curves(folder, record), truth["kind"] != "survival"
    if len(arms) != len(truths):
        return wrong | {Stage.CURVES: f"{len(arms)} of {len(truths)}"}
    names = list(arms)
    off = np.array([[_off(curves[name], t, rising=rising) for name in names] for t in truths])
    rows, columns = linear_sum_assignment(np.maximum(off, 0.0))
    pairs = {int(i): names[int(k)] for i, k in zip(rows, columns, strict=True)}
    y = truth.get("y") or {}
    height = min(1.0, abs((y.get("last") or 1) - (y.get("first") or 0)) / (100 if y.get("percent") else 1)) or 1.0
    worst = max(float(off[i, names.index(name)]) for i, name in pairs.items())
    if worst > CURVE * height:
        wrong[Stage.CURVES] = f"S off by {worst:.3f}"
    width = abs((truth.get("x") or {}).get("last") or 1)
    ends = [abs(curves[n][0][-1] - truths[i]["ends_at"]) for i, n in pairs.items() if truths[i].get("ends_at")]
    if max(ends, default=0.0) > END * width:
        wrong.setdefault(Stage.CURVES, f"end off by {max(ends):g}")
    whole = bool(truth.get("whole_follow_up"))
    return wrong | _names_and_table(truths, pairs, folder, arms) | _statistics(truth, pairs, report, whole=whole)


def table(figures: Sequence[Scored], most: int = 25) -> str:
    """Return the share of right figures by style, and of those that come out, what share each stage has right."""
    groups: dict[str, list[Scored]] = {"all": list(figures)}
    by_style: dict[str, list[Scored]] = defaultdict(list)
    for figure in figures:
        for style in figure.styles:
            by_style[style].append(figure)
    groups |= dict(sorted(by_style.items(), key=lambda item: -len(item[1]))[:most])
    lines = ["| style | figures | " + " | ".join([*Outcome, *Stage]) + " |"]
    lines.append("|---" * (2 + len(Outcome) + len(Stage)) + "|")
    for style, group in groups.items():
        read = [f for f in group if f.outcome is not Outcome.REFUSED]
        counts = [str(sum(f.outcome is outcome for f in group)) for outcome in Outcome]
        shares = [f"{sum(stage not in f.wrong for f in read)}/{len(read)}" for stage in Stage]
        lines.append(f"| {style} | {len(group)} | " + " | ".join([*counts, *shares]) + " |")
    return "\n".join(lines)


def _keeping_words(cache: Path) -> None:
    """Keep what is recognised in a folder, by the picture's hash."""
    cache.mkdir(parents=True, exist_ok=True)

    def kept(read: Callable[[tuple[int, ...], bytes], Any]) -> Callable[[tuple[int, ...], bytes], Any]:
        def again(shape: tuple[int, ...], pixels: bytes) -> Any:
            place = cache / hashlib.sha256(repr((read.__name__, shape)).encode() + pixels).hexdigest()
            if place.exists():
                return pickle.loads(place.read_bytes())
            found = read(shape, pixels)
            place.write_bytes(pickle.dumps(found))
            return found

        return again

    for name in ("_words", "_recognised"):
        setattr(ocr, name, kept(getattr(ocr, name).__wrapped__))


def _called(*arguments: object) -> str:
    """Call the command line in this process; return what it said on the side."""
    typed, said = sys.argv, io.StringIO()
    sys.argv = ["survrecon", *map(str, arguments)]
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(said),
            contextlib.suppress(SystemExit),
        ):
            command_line()
    finally:
        sys.argv = typed
    return said.getvalue()


def _of_figure(folder: Path, truth: Mapping[str, Any], out: Path) -> Scored:
    figure = next(p for p in sorted(folder.glob("figure.*")) if p.suffix.lower() in PICTURES)
    verb = "digitize" if any(arm.get("n") is None for arm in truth["arms"]) else "run"
    shutil.rmtree(out, ignore_errors=True)
    return scored(folder.name, truth, out, _called(verb, figure, "-o", out))


_BEST = (Outcome.RIGHT, Outcome.FLAGGED, Outcome.SILENT, Outcome.REFUSED)


def _of_page(folder: Path, truth: Mapping[str, Any], out: Path) -> Scored:
    """Score the panel of a page that fits a truth best."""
    shutil.rmtree(out, ignore_errors=True)
    message = _called("run", folder / "page.pdf", "--panel", "all", "-o", out)
    if not any(out.glob("*/figure.toml")) or any(arm.get("n") is None for arm in truth["arms"]):
        shutil.rmtree(out, ignore_errors=True)
        message = _called("digitize", folder / "page.pdf", "--panel", "all", "-o", out)
    panels = [p.parent for p in sorted(out.glob("*/figure.toml"))] or [out]
    found = [scored(folder.name, truth, panel, message) for panel in panels]
    return min(found, key=lambda s: (_BEST.index(s.outcome), len(s.wrong)))


def _cases(figures: Path, only: Sequence[str], *, pages: bool) -> Iterator[tuple[Path, dict[str, Any]]]:
    for place in sorted(figures.glob("*/truth.json")):
        if (not only or place.parent.name in only) and (not pages or (place.parent / "page.pdf").exists()):
            yield place.parent, json.loads(place.read_text(encoding="utf-8"))


def main() -> None:
    """Read the figures, or their pages, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real", description=first_line(__doc__))
    parser.add_argument("figures", type=Path, help="a folder a figure, each with its truth.json")
    parser.add_argument("--pages", action="store_true", help="read the pages on which the figures stand")
    parser.add_argument("--only", type=lambda t: tuple(t.split(",")), default=(), help="names, joined by commas")
    parser.add_argument("--cache", type=Path, help="folder in which recognised words are kept")
    parser.add_argument("--out", type=Path, help="folder for what is read; a temporary one where left out")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    asked = parser.parse_args()
    if asked.cache:
        _keeping_words(asked.cache)
    read = _of_page if asked.pages else _of_figure
    with tempfile.TemporaryDirectory() as name:
        out = asked.out or Path(name)
        found = []
        for folder, truth in _cases(asked.figures, asked.only, pages=asked.pages):
            one = read(folder, truth, out / folder.name)
            why = "; ".join(f"{stage}: {text}" for stage, text in one.wrong.items()) or one.said
            print(f"{one.name}: {one.outcome}{f' ({one.grade})' if one.grade else ''} {why}", flush=True)
            found.append(one)
    print(table(found))
    if asked.write:
        name = "Pages of journals" if asked.pages else "Figures of journals"
        write_section(name, "python -m benchmarks.real FIGURES" + " --pages" * asked.pages, table(found))


if __name__ == "__main__":
    main()

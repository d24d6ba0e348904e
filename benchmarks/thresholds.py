"""What half and one and a half times each threshold of digitizing does to what is read of a figure.

    python -m benchmarks.thresholds [--quick]

Every number of the settings of `survrecon.digitizing` is changed alone, by half down and by half up, and two small
figures of the gallery are read again, a picture at half its size and a drawing; the numbers that change most are then
changed on four others. Words are recognised once. Writes ``docs/thresholds.md`` within six minutes of CPU, unless
``--quick``, which looks at a few numbers alone.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import pkgutil
import re
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from scipy.optimize import linear_sum_assignment

import survrecon.digitizing
from benchmarks.options import first_line
from benchmarks.results import markdown_table
from examples.gallery.figures import FIGURES
from examples.gallery.journals.figures import JOURNAL_FIGURES, drawn
from survrecon.digitizing import DigitizedFigure, digitize
from survrecon.errors import SurvreconError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from survrecon.digitizing import DigitizedArm

__all__ = ["PAGE", "Change", "Threshold", "change", "main", "thresholds", "varied"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "thresholds.md"
_SMALL = ("coloured-rows", "paper.pdf")
"""Read again for every threshold that is looked at when they are read: pixels, then a drawing."""
_REDUCED = 0.5
"""Size of the former, of its own: every threshold is looked at as before, in a third of the time."""
_LARGER = ("events-in-legend", "inset", "beside-plot", "drawing.svg")
"""Read again for the thresholds that change most."""
_FACTORS = (0.5, 1.5)
_CANDIDATES, _ROWS, _QUICK = 22, 20, 12
_NOTICED = 0.0005  # mean distance of curves below which a reading counts as unchanged
_GRID = 400


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A number of the settings: the object that holds it, its name there, and what is said of it."""

    holder: Any
    place: str
    name: str
    said: str

    @property
    def value(self) -> float:
        """The number as it stands."""
        return getattr(self.holder, self.name)  # type: ignore[no-any-return]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is read otherwise: the curves' mean distance, and shares of names and cells; all of it where it fails."""

    curves: float = 0.0
    names: float = 0.0
    cells: float = 0.0
    refused: bool = False

    @property
    def size(self) -> float:
        """All in one number, to rank by: a figure that is refused, or has other curves, counts as 1."""
        return 1.0 if self.refused else min(1.0, self.curves + self.names + self.cells)

    @property
    def noticed(self) -> bool:
        """Whether anything is read otherwise."""
        return self.refused or self.curves > _NOTICED or self.names > 0 or self.cells > 0


def thresholds() -> list[Threshold]:
    """Return every number of the settings objects of digitizing's modules."""
    prefix = survrecon.digitizing.__name__ + "."
    for found_module in pkgutil.walk_packages(survrecon.digitizing.__path__, prefix):
        importlib.import_module(found_module.name)
    found: dict[tuple[str, str], Threshold] = {}
    modules = [(name, module) for name, module in sorted(sys.modules.items()) if name.startswith(prefix)]
    for name, module in sorted(modules, key=lambda pair: not pair[0].endswith("settings")):
        for label, holder in vars(module).items():
            of_settings = is_dataclass(holder) and not isinstance(holder, type)
            if not of_settings or not type(holder).__module__.endswith(".settings"):
                continue
            said = _said(type(holder))
            place = f"{name.removeprefix(prefix).removesuffix('.settings')}.{label}"
            for one in fields(holder):
                value = getattr(holder, one.name)
                if isinstance(value, int | float) and not isinstance(value, bool) and value != 0:
                    key = (type(holder).__qualname__, one.name)
                    made = Threshold(holder=holder, place=place, name=one.name, said=said.get(one.name, ""))
                    found.setdefault(key, made)
    return list(found.values())


def _said(cls: type) -> dict[str, str]:
    """Return what stands below each field of a class."""
    tree = ast.parse(Path(str(sys.modules[cls.__module__].__file__)).read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == cls.__name__)
    found, name = {}, ""
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif name and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found[name] = re.sub(r"\s+", " ", str(node.value.value)).replace("``", "`").replace("|", "/")
    return found


@contextmanager
def varied(threshold: Threshold, factor: float) -> Iterator[float]:
    """Multiply a threshold while the block runs; whole numbers stay whole, and change by 1 at least."""
    usual = threshold.value
    value: float = usual * factor
    if isinstance(usual, int):
        value = round(value) if round(value) != usual else usual + (1 if factor > 1 else -1)
    object.__setattr__(threshold.holder, threshold.name, value)
    try:
        yield value
    finally:
        object.__setattr__(threshold.holder, threshold.name, usual)


def _read(path: Path) -> DigitizedFigure | None:
    """Return what is read of a figure; None where it is refused."""
    try:
        return digitize(path)
    except (SurvreconError, ArithmeticError, ValueError, IndexError):  # half a threshold may be no threshold at all
        return None


def change(usual: DigitizedFigure, other: DigitizedFigure | None) -> Change:
    """Return how another reading of a figure differs.

    Parameters
    ----------
    usual, other : DigitizedFigure or None
        The readings; arms are paired by their curves.
    """
    if other is None or len(other.arms) != len(usual.arms):
        return Change(refused=True)
    far = np.array([[_distance(a, b) for b in other.arms] for a in usual.arms])
    rows, columns = linear_sum_assignment(far)
    pairs = [(usual.arms[int(i)], other.arms[int(k)]) for i, k in zip(rows, columns, strict=True)]
    cells = wrong = 0
    for one, two in pairs:
        first, second = (None if f.risk_table is None else f.risk_table for f in (usual, other))
        own = {} if first is None else dict(zip(first.times.tolist(), first.rows.get(one.name, ()), strict=False))
        new = {} if second is None else dict(zip(second.times.tolist(), second.rows.get(two.name, ()), strict=False))
        cells += len(own)
        wrong += sum(new.get(time) != count for time, count in own.items())
    return Change(
        curves=float(far[rows, columns].mean()),
        names=sum(one.name != two.name for one, two in pairs) / len(pairs),
        cells=wrong / cells if cells else 0.0,
    )


def _distance(one: DigitizedArm, other: DigitizedArm) -> float:
    at = np.linspace(0, max(float(one.time[-1]), float(other.time[-1])), _GRID)
    levels = [np.append(1.0, arm.survival)[np.searchsorted(arm.time, at, side="right")] for arm in (one, other)]
    return float(np.abs(levels[0] - levels[1]).mean())


def _figures(folder: Path, names: Sequence[str]) -> dict[str, Path]:
    """Draw figures of the gallery."""
    found = {}
    for name in names:
        place = folder / Path(name).stem
        place.mkdir(parents=True, exist_ok=True)
        journal = next((f for f in JOURNAL_FIGURES if f.name == name), None)
        if journal is None:
            found[name] = place / name
            next(f for f in FIGURES if f.name == name).draw(found[name])
        else:
            drawn(journal, place)
            found[name] = place / f"figure{journal.suffix}"
    return found


def _reduced(path: Path) -> Path:
    """Return a picture at a part of its size, beside it; a drawing as it is."""
    if path.suffix != ".png":
        return path
    with Image.open(path) as image:
        size = (round(image.width * _REDUCED), round(image.height * _REDUCED))
        small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    made = path.with_name(f"small{path.suffix}")
    small.save(made)
    return made


@contextmanager
def _looked_at(each: Sequence[Threshold]) -> Iterator[set[tuple[int, str]]]:
    """Collect which thresholds are looked at while the block runs, by holder and name."""
    seen: set[tuple[int, str]] = set()
    classes = {type(threshold.holder) for threshold in each}

    def noted(self: object, name: str) -> Any:
        seen.add((id(self), name))
        return object.__getattribute__(self, name)

    for cls in classes:
        cls.__getattribute__ = noted  # type: ignore[assignment]
    try:
        yield seen
    finally:
        for cls in classes:
            del cls.__getattribute__


def _changes(each: Sequence[Threshold], paths: Sequence[Path]) -> list[list[list[Change]]]:
    """Return, of each threshold, direction and figure, what is read otherwise; nothing where it is not looked at."""
    found: list[list[list[Change]]] = [[[] for _ in _FACTORS] for _ in each]
    for path in paths:  # figure by figure, so that its words are recognised once
        first = _read(path)
        if first is None:
            continue
        with _looked_at(each) as seen:
            _read(path)
        for k, threshold in enumerate(each):
            if (id(threshold.holder), threshold.name) not in seen:
                found[k] = [[*one, Change()] for one in found[k]]
                continue
            for j, factor in enumerate(_FACTORS):
                with varied(threshold, factor):
                    found[k][j].append(change(first, _read(path)))
    return found


def _rows(each: Sequence[Threshold], changes: Sequence[Sequence[Sequence[Change]]]) -> list[list[str]]:
    """Return the rows of the table, the largest change first."""
    ranked = sorted(zip(each, changes, strict=True), key=lambda pair: -_size(pair[1]))
    return [
        [f"`{t.place}.{t.name}`", f"{t.value:g}", t.said, *(_cell(one) for one in both)] for t, both in ranked[:_ROWS]
    ]


def _size(both: Sequence[Sequence[Change]]) -> float:
    return sum(one.size for changes in both for one in changes)


def _cell(changes: Sequence[Change]) -> str:
    """Return in words what changes in some figures."""
    noticed = [one for one in changes if one.noticed]
    if not noticed:
        return "nothing"
    parts = []
    lost = sum(one.refused for one in noticed)
    parts += [f"other curves or none in {lost}"] if lost else []
    curves = max((one.curves for one in noticed if not one.refused), default=0.0)
    parts += [f"S by up to {curves:.3f}"] if curves > _NOTICED else []
    for what, count in (("names", sum(o.names > 0 for o in noticed)), ("counts", sum(o.cells > 0 for o in noticed))):
        parts += [f"{what} in {count}"] if count else []
    return f"{len(noticed)} of {len(changes)}: " + ", ".join(parts)


_HEAD = """# Thresholds of digitizing

How far a reading hangs on each number that somebody chose. Every number of the settings in `survrecon/digitizing`
({count} of them) is multiplied by 0.5 and by 1.5, alone, and {small} small figures of the gallery are read again, a
picture and a drawing; the {candidates} that change most are then tried on {larger} others. Below are the twenty that
change a reading most: in how many of the {larger} figures anything is read otherwise, and what. Words are recognised
once, so what changes the recognition itself is not seen. {still} of the {count} change nothing in the {small} small
figures.

Written by `python -m benchmarks.thresholds`.

"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.thresholds", description=first_line(__doc__))
    parser.add_argument("--quick", action="store_true", help="a few numbers and figures; nothing is written")
    quick = parser.parse_args(arguments).quick
    each = thresholds()
    number = len(each)
    with tempfile.TemporaryDirectory() as name:
        small, larger = _SMALL[-1:] if quick else _SMALL, _LARGER[-2:] if quick else _LARGER
        paths = _figures(Path(name), [*small, *larger])
        each = each[:: max(1, number // _QUICK)] if quick else each
        first = _changes(each, [_reduced(paths[one]) for one in small])
        order = sorted(range(len(each)), key=lambda k: -_size(first[k]))
        chosen = [each[k] for k in order[: 3 if quick else _CANDIDATES]]
        rows = _rows(chosen, _changes(chosen, [paths[one] for one in larger]))
    still = sum(not any(one.noticed for changes in both for one in changes) for both in first)
    table = markdown_table(["threshold", "value", "what it is", "half of it", "half more"], rows)
    print(table)
    print(f"{still} of {number} change nothing in the small figures; {time.process_time():.0f} s of CPU")
    if not quick:
        head = _HEAD.format(count=number, small=len(_SMALL), candidates=_CANDIDATES, larger=len(_LARGER), still=still)
        PAGE.write_text(head + table + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

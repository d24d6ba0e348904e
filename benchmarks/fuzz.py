"""Random and damaged input: every reading ends in a value, a doubt or a clear error.

    python -m benchmarks fuzz [words|pictures] [--count N] [--seed S] [--jobs 1] [--keep DIR] [--only PLACE]

``words``: word layouts of the gallery's figures, damaged, and layouts of words at random, through the naming of arms
and counts. ``pictures``: damaged pictures of the gallery through ``survrecon.digitize``. A call that takes more than a
minute is a hang. With ``--keep`` the faults are written to a folder; ``--only`` repeats one case of a series in this
process. RESULTS.md is written by whole series alone.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from benchmarks.fuzz_pictures import damaged_picture
from benchmarks.fuzz_words import kind_of_layout, prepare_layout, read_layout
from benchmarks.limited import End, Outcome, each_within
from benchmarks.options import first_line
from benchmarks.results import markdown_table, write_section
from examples.gallery.figures import FIGURES
from examples.gallery.journals.figures import JOURNAL_FIGURES, drawn
from survrecon.digitizing import digitize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["main"]

_COUNTS = {"words": 2000, "pictures": 300}
_LIMIT = 60.0  # seconds
_MEMORY = 2048.0  # megabytes
_SHOWN = 8  # kinds of faults in the table


def damaged_copy(task: tuple[int, int]) -> tuple[Image.Image, str]:
    """Return the damaged picture of a seed and a place in the series, and what was done to it."""
    rng = np.random.default_rng(task)
    path = _picture(str(rng.choice(_pictures())))
    with Image.open(path) as opened:
        image, names = damaged_picture(opened.convert("RGB"), rng)
    return image, f"{path.parent.name}: {names}"


def read_picture(task: tuple[int, int]) -> int:
    """Digitize one damaged picture; return the number of doubts and warnings."""
    image, _ = damaged_copy(task)
    path = _folder() / "damaged.png"
    image.save(path)
    figure = digitize(path)
    return len(figure.doubts) + len(figure.warnings)


def kind_of_picture(task: tuple[int, int]) -> str:
    """Return which picture is damaged, and how."""
    return damaged_copy(task)[1]


_PARTS: dict[
    str,
    tuple[Callable[[tuple[int, int]], object], Callable[[tuple[int, int]], int], Callable[[tuple[int, int]], str]],
] = {
    "words": (prepare_layout, read_layout, kind_of_layout),
    "pictures": (damaged_copy, read_picture, kind_of_picture),
}
"""What prepares a case, what reads it, and what tells its kind."""


def run(part: str, count: int, seed: int, *, jobs: int, keep: Path | None) -> list[Outcome]:
    """Read a series, tell each fault as it is found, and keep it where asked."""
    prepare, read, kind = _PARTS[part]
    tasks = [(seed, place) for place in range(count)]

    def told(place: int, outcome: Outcome) -> None:
        if outcome.end not in (End.TRACEBACK, End.HANG):
            return
        print(f"{part} {place} ({kind(tasks[place])}): {outcome.end}: {_last_line(outcome.told)}", flush=True)
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            again = f"python -m benchmarks fuzz {part} --seed {seed} --only {place}\n{kind(tasks[place])}\n"
            (keep / f"{part}_{seed}_{place}.txt").write_text(again + outcome.told, encoding="utf-8")
            if part == "pictures":
                damaged_copy(tasks[place])[0].save(keep / f"{part}_{seed}_{place}.png")

    return each_within(_LIMIT, read, tasks, prepare=prepare, jobs=jobs, told=told)


def table(outcomes: Sequence[Outcome]) -> str:
    """Return what became of a series, its faults by their kind, and the commonest clear errors."""
    ends = Counter(outcome.end for outcome in outcomes)
    seconds = [outcome.seconds for outcome in outcomes]
    peak = max(outcome.megabytes for outcome in outcomes)
    rows = [[str(end), str(ends[end])] for end in End]
    rows += [
        ["seconds, median and largest", f"{np.median(seconds):.2f}, {max(seconds):.1f}"],
        [f"largest memory of a process (allowed: {_MEMORY:.0f} MB)", f"{peak:.0f} MB"],
    ]
    rows.append(["with a warning of NumPy", str(sum(bool(outcome.warned) for outcome in outcomes))])
    for end in (End.TRACEBACK, End.ERROR):
        kinds = Counter(_kind(outcome.told) for outcome in outcomes if outcome.end is end)
        rows += [[f"{end}: {name}", str(number)] for name, number in kinds.most_common(_SHOWN)]
    return markdown_table(["end", "cases"], rows)


def _kind(told: str) -> str:
    """Return a fault without its numbers and names: the place in the code and the error, or the rule of an error."""
    if "Traceback" not in told:
        return re.sub(r"[\d.]+", "#", told.split("; got")[0].split(": ", 1)[-1])[:90].replace("|", "/")
    places = re.findall(r'File ".*?/(\w+/\w+\.py)", line (\d+)', told)
    return f"{':'.join(places[-1]) if places else ''} {_last_line(told)[:70]}".replace("|", "/")


def _last_line(told: str) -> str:
    return told.strip().splitlines()[-1] if told.strip() else ""


@cache
def _pictures() -> tuple[str, ...]:
    journals = tuple(f"journals/{f.name}" for f in JOURNAL_FIGURES if f.suffix == ".png")
    return tuple(f.name for f in FIGURES if f.traced) + journals


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz"))


@cache
def _picture(name: str) -> Path:
    """Draw a picture of the gallery."""
    folder = _folder() / Path(name).stem
    if name.startswith("journals/"):
        figure = next(f for f in JOURNAL_FIGURES if f"journals/{f.name}" == name)
        drawn(figure, folder)
        return folder / "figure.png"
    folder.mkdir(parents=True, exist_ok=True)
    next(f for f in FIGURES if f.name == name).draw(folder / name)
    return folder / name


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fuzz", description=first_line(__doc__))
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(_PARTS)}; default: both")
    parser.add_argument("--count", type=int, help="cases; default: 2,000 layouts, 300 pictures")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--keep", type=Path, help="write the faults here")
    parser.add_argument("--only", type=int, help="the case at this place alone, in this process")
    given = parser.parse_args(arguments)
    if strange := [part for part in given.parts if part not in _PARTS]:
        parser.error(f"unknown: {' '.join(strange)}; choose from {', '.join(_PARTS)}")
    faults = False
    for part in given.parts or list(_PARTS):
        if given.only is not None:
            _, read, kind = _PARTS[part]
            print(kind((given.seed, given.only)), read((given.seed, given.only)), "doubts and warnings")
            continue
        count = given.count or _COUNTS[part]
        outcomes = run(part, count, given.seed, jobs=given.jobs, keep=given.keep)
        text = table(outcomes)
        print(text)
        faults |= any(o.end in (End.TRACEBACK, End.HANG) or o.megabytes > _MEMORY for o in outcomes)
        if count >= _COUNTS[part]:
            command = f"python -m benchmarks fuzz {part} --count {count} --seed {given.seed}"
            write_section(f"Damaged {part}", command, text)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

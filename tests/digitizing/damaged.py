"""Random and damaged layouts of words: cells lost, doubled, misread, 0 or 10^9, rows exchanged, text anywhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survrecon.digitizing.panel import Assembled
from survrecon.digitizing.words.scene import DrawnCurve
from survrecon.digitizing.words.words import Word
from tests.digitizing.layouts import BLACK, BLUE, RED, around, counts, curve, from_left, key, read

NAMES = ("Drug", "Control", "Placebo plus drug", "Arm A", "LVEF <40%", "1", "Standard therapy", "No", "Group B")
TEXTS = (
    "", "0", "1000000000", "12 10", "309296287", "120 (3)", "(7)", "97%", "12.5", "4,400", "Censored", "Events",
    "Number at risk", "At risk", "HR 0.7 (0.5-0.9)", "P", "2 year", "N", "O", "Time (months)",
    "Control440 (0) 379 (17)281 (44", "l", "O", "|", "—", "+ Drug", "(n=120)", "n = 0", "99999999999999999999999999",
    "-5", "0 10 20 30", "²", "\uff11\uff12",
)  # fmt: skip
COLOURS = (BLACK, BLUE, RED, (0.6, 0.6, 0.6))


def layout(rng: np.random.Generator) -> tuple[list[Word], list[DrawnCurve]]:
    """Return the words and curves of a random figure."""
    arms = int(rng.integers(1, 5))
    names = list(rng.permutation(NAMES)[:arms])
    curves = []
    rows = []
    for _ in range(arms):
        level = np.minimum.accumulate(np.r_[1.0, rng.uniform(0, 1, 3)])
        colour = COLOURS[int(rng.integers(len(COLOURS)))]
        curves.append(curve(*level.tolist(), colour=colour, dash=str(rng.choice(["solid", "dashed"]))))
        n = int(rng.integers(0, 2000))
        falling = np.minimum.accumulate((n * level * rng.uniform(0.6, 1.0, 4)).astype(int))
        second = rng.integers(0, 90, 4)
        style = rng.choice(
            ["{n}", "{n} ({c})", "{n} ({c}%)", "{n}%", "{n}.5", "{n}/{c}"], p=[0.5, 0.1, 0.1, 0.1, 0.1, 0.1]
        )
        rows.append([str(style).format(n=v, c=c) for v, c in zip(falling, second, strict=True)])
    heading = str(rng.choice(["Number at risk", "", "Percentage at risk", "No. at risk (censored)"]))
    words = counts(*zip(names, rows, strict=True), heading=heading, top=float(rng.uniform(150, 450)))
    words += [from_left(str(name), rng.uniform(110, 420), rng.uniform(30, 360)) for name in rng.permutation(NAMES)[:3]]
    return words, curves


def damaged(words: list[Word], rng: np.random.Generator) -> list[Word]:
    """Return words of which some are lost, doubled, misread, moved or exchanged."""
    made = list(words)
    for _ in range(int(rng.integers(0, 12))):
        if not made:
            break
        k, j = (int(v) for v in rng.integers(0, len(made), 2))
        kind = int(rng.integers(0, 8))
        if kind == 0:
            del made[k]
        elif kind == 1:
            made.append(made[k])
        elif kind == 2:
            made[k] = replace(made[k], text=str(rng.choice(TEXTS)))
        elif kind == 3:
            made[k], made[j] = replace(made[k], text=made[j].text), replace(made[j], text=made[k].text)
        elif kind == 4:
            shift = rng.uniform(-60, 60, 2)
            box = made[k].box
            box = replace(box, x0=box.x0 + shift[0], x1=box.x1 + shift[0], y0=box.y0 + shift[1], y1=box.y1 + shift[1])
            made[k] = replace(made[k], box=box)
        elif kind == 5:
            made[k] = replace(made[k], text=made[k].text + made[j].text, confidence=float(rng.uniform(0, 1)))
        elif kind == 6:
            made[k] = replace(made[k], box=replace(made[k].box, x1=made[k].box.x0), vertical=bool(rng.integers(2)))
        else:
            made.append(replace(made[k], text=str(rng.choice(TEXTS)), colour=COLOURS[int(rng.integers(len(COLOURS)))]))
    return made


def read_damaged(seed: int) -> Assembled:
    """Return what is read from a random damaged figure."""
    rng = np.random.default_rng(seed)
    words, curves = layout(rng)
    words = damaged(words, rng)
    keys = {w.text: key(COLOURS[int(rng.integers(4))], w.box.x0 - 4, w.cy) for w in words if rng.uniform() < 0.2}
    kept = curves[: int(rng.integers(0, len(curves) + 1))] if rng.uniform() < 0.2 else curves
    return read(words, kept, around(keys, side=int(rng.choice([-1, 1]))))

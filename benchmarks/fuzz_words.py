"""Words of figures that are damaged, and layouts that are words at random, through the naming of arms and counts.

Words are lost, doubled, misread, moved, joined, parted; numbers become 0, a thousand million or no number; rows of
cells change places. Of every ten layouts of a figure one goes through the whole of ``digitize``, its axes included,
and its arms are rebuilt.
"""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np

from examples.gallery.figures import FIGURES
from examples.gallery.journals.figures import JOURNAL_FIGURES, drawn
from survrecon.digitizing import arm_curve, arm_risk_table, digitize, digitize_panels
from survrecon.digitizing import panel_figure as one_panel
from survrecon.digitizing.geometry import Axis, Box
from survrecon.digitizing.panel import assemble
from survrecon.digitizing.raster import ocr
from survrecon.digitizing.raster.tied import of_patients
from survrecon.digitizing.words.scene import DrawnCurve, Key, Surroundings
from survrecon.digitizing.words.words import Word
from survrecon.errors import SurvreconError
from survrecon.reconstruction.reconstruct import reconstruct

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["damaged_words", "kind_of_layout", "prepare_layout", "read_layout"]

_RANDOM_SHARE, _WHOLE_SHARE = 0.35, 0.1  # of the layouts: words at random; through the whole of `digitize`
_TEXTS = (
    "0", "1", "-3", "1000000000", "1e400", "nan", "1e-9", "120 (3)", "120 (97%)", "4,400", "0·5", ".5", "100%",
    "10-8", "½", "²", "١٢", "n = 0", "n = 1000000000", "N", "O", "No. at risk", "Number at risk", "Patients at risk",
    "Events", "Censored", "Months", "Years", "Placebo", "Drug A", "Arm A192", "500 mg 362", "Control",
    "HR 0.70 (95% CI 0.5-0.9)", "HR 0.00 (95% CI 0.00-0.00)", "HR (95% CI)", "Hazard ratio, 0; 95% CI, 0 to 1e9",
    "p = 0", "P<0.001", "p = 3.29x10-6", "median 0 months", "median NR (NR-NR)", "()", ")", "%", "+", "=", "—",
    "A" * 300, "1 2 3 4 5", "12 12 12", "\u200b", "Median, 12.3 mo (95% CI: 10.0, 18.2)", "23 events",
    "Aalen-Johansen", "competing", "log-rank p = nan", "0 0 0 0 0 0",
)  # fmt: skip
_COLOURS = ((0.0, 0.0, 0.0), (0.12, 0.47, 0.71), (0.84, 0.15, 0.16), (1.0, 1.0, 1.0), (0.5, 0.5, 0.5))
_NO_CONFIDENCE = 0.3
_LOOKALIKES = str.maketrans("0158lOSBI|", "OlSB1058|I")


@dataclass(frozen=True, kw_only=True)
class _Scene:
    """What the naming of one figure's arms is given, and the file and words that it comes of."""

    given: dict[str, Any]
    path: Path
    words: tuple[Word, ...]


def read_layout(task: tuple[int, int]) -> int:
    """Read the layout of a seed and a place in the series; return the number of doubts and warnings."""
    rng = np.random.default_rng(task)
    if rng.random() < _RANDOM_SHARE:
        return _assembled(_random_scene(rng), rng)
    name = str(rng.choice(_names()))
    scenes = _scenes(name)
    if not scenes:
        return _assembled(_random_scene(rng), rng)
    scene = scenes[int(rng.integers(len(scenes)))]
    if scene.words and rng.random() < _WHOLE_SHARE:
        return _whole(scene, rng)
    words = damaged_words(scene.given["words"], rng)
    return _assembled({**scene.given, "words": words}, rng)


def prepare_layout(task: tuple[int, int]) -> None:
    """Draw and read the figure whose words a layout damages, once a process."""
    name = kind_of_layout(task)
    if name in _names():
        _scenes(name)


def kind_of_layout(task: tuple[int, int]) -> str:
    """Return the figure whose words a layout damages, or that it is one of words at random."""
    rng = np.random.default_rng(task)
    return "words at random" if rng.random() < _RANDOM_SHARE else str(rng.choice(_names()))


def damaged_words(words: Sequence[Word], rng: np.random.Generator) -> list[Word]:
    """Return words after one to six damages."""
    found = list(words)
    for _ in range(int(rng.integers(1, 7))):
        if found:
            found = _DAMAGES[int(rng.integers(len(_DAMAGES)))](found, rng)
    return found


def _assembled(given: dict[str, Any], rng: np.random.Generator) -> int:
    """Name curves and count steps as `digitize` does."""
    made = assemble(given["curves"], given["words"], given["axis"], **given["keys"])
    for arm in made.arms:
        of_patients(arm, made.risk_table, pixel=float(rng.uniform(1e-4, 0.01)), column=float(rng.uniform(1e-3, 0.5)))
    return len(made.doubts) + len(made.warnings)


def _whole(scene: _Scene, rng: np.random.Generator) -> int:
    """Digitize a picture whose words are read damaged, and rebuild its arms."""
    words = damaged_words(scene.words, rng)

    def cell(*_: object) -> tuple[str, float]:
        return str(rng.choice(_TEXTS)), float(rng.random())

    with mock.patch.object(ocr, "read_words", return_value=words), mock.patch.object(ocr, "read_cell", cell):
        figure = digitize(scene.path)
    for arm in figure.arms:
        if arm.n is not None:
            reconstruct(arm_curve(figure, arm), n=arm.n, risk_table=arm_risk_table(figure, arm),
                        censor_times=arm.censor_times, rng=np.random.default_rng(0))  # fmt: skip
    return len(figure.doubts) + len(figure.warnings)


@cache
def _names() -> tuple[str, ...]:
    return (*(f.name for f in FIGURES), *(f"{f.name}{f.suffix}" for f in JOURNAL_FIGURES))


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="words"))


@cache
def _scenes(name: str) -> tuple[_Scene, ...]:
    """Draw a figure, digitize it, and return what the naming of each of its panels was given."""
    path = _drawn(name)
    seen: list[dict[str, Any]] = []
    words: list[Word] = []

    def record(curves: Any, region_words: Any, axis: Any, **keys: Any) -> Any:
        seen.append({"curves": curves, "words": region_words, "axis": axis, "keys": keys})
        return assemble(curves, region_words, axis, **keys)

    def read(image: Any) -> list[Word]:
        words[:] = read_as_it_is(image)
        return list(words)

    read_as_it_is = ocr.read_words
    with (
        mock.patch.object(one_panel, "assemble", record),
        mock.patch.object(ocr, "read_words", read),
        contextlib.suppress(SurvreconError),  # what was given to the naming before is kept
    ):
        digitize_panels(path)
    return tuple(_Scene(given=given, path=path, words=tuple(words)) for given in seen)


def _drawn(name: str) -> Path:
    for figure in JOURNAL_FIGURES:
        if f"{figure.name}{figure.suffix}" == name:
            drawn(figure, _folder() / figure.name)
            return _folder() / figure.name / f"figure{figure.suffix}"
    path = _folder() / name
    next(figure for figure in FIGURES if figure.name == name).draw(path)
    return path


def _random_scene(rng: np.random.Generator) -> dict[str, Any]:
    """Return curves, an axis and words of no figure: a rough table, labels, and texts anywhere."""
    values = np.linspace(0, float(rng.choice([1e-3, 5.0, 36.0, 1e4])), int(rng.integers(2, 12)))
    positions = np.linspace(100, float(rng.uniform(150, 900)), values.size)
    scale = (positions[-1] - positions[0]) / values[-1]
    axis = Axis(offset=100.0, scale=scale, values=values, positions=positions, residuals=np.zeros(values.size),
                resolution=1 / scale, source="labels")  # fmt: skip
    floor, size = float(rng.uniform(100, 500)), float(rng.uniform(4, 20))
    labels = [_word(f"{v:g}", x, floor + 10, size) for v, x in zip(values, positions, strict=True)]
    curves = [_curve(rng, values[-1]) for _ in range(int(rng.integers(1, 6)))]
    words = [*labels]
    for row in range(int(rng.integers(0, 6))):
        y = floor + 30 + row * size * float(rng.uniform(0.5, 2.5))
        words.append(_word(str(rng.choice(_TEXTS)), 40, y, size))
        words += [_word(str(rng.choice(_TEXTS) if rng.random() < 0.3 else int(1000 * rng.random() ** 3)), x, y, size)
                  for x in positions if rng.random() < 0.9]  # fmt: skip
    for _ in range(int(rng.integers(0, 25))):
        x, y = (float(v) for v in rng.uniform(-50, 900, 2))
        words.append(_word(str(rng.choice(_TEXTS)), x, y, size))
    keys = {"floor": floor, "labels": labels, "around": _random_surroundings(rng)}
    return {"curves": curves, "words": damaged_words(words, rng), "axis": axis, "keys": keys}


def _curve(rng: np.random.Generator, end: float) -> DrawnCurve:
    time = np.sort(np.concatenate([[0.0], rng.uniform(0, end * rng.uniform(0.2, 1.1), int(rng.integers(1, 60)))]))
    survival = np.minimum.accumulate(np.concatenate([[1.0], rng.uniform(0, 1, time.size - 1)]))
    marks = None if rng.random() < 0.5 else np.sort(rng.uniform(0, end, int(rng.integers(0, 40))))
    colour = _COLOURS[int(rng.integers(len(_COLOURS)))]
    dash = str(rng.choice(["solid", "dashed", "dotted"]))
    remarks = ("hidden from time 1 to 2, where it is taken to run on",) if rng.random() < 0.2 else ()
    return DrawnCurve(colour=colour, duty=float(rng.uniform(0.2, 1)), dash=dash, line_width=float(rng.uniform(0.5, 5)),
                      time=time, survival=survival, censor_times=marks, remarks=remarks)  # fmt: skip


def _random_surroundings(rng: np.random.Generator) -> Surroundings:
    def key(word: Word, side: int) -> Key | None:
        if rng.random() < 0.6:
            return None
        b, colour = word.box, _COLOURS[int(rng.integers(len(_COLOURS)))]
        x = b.x0 - 30 if side < 0 else b.x1 + 5
        return Key(colour=colour, duty=float(rng.uniform(0.2, 1)), length=25.0,
                   box=Box(x0=x, y0=b.y0, x1=x + 25, y1=b.y1))  # fmt: skip

    def ink(_: Word) -> tuple[float, float, float] | None:
        return None if rng.random() < 0.5 else _COLOURS[int(rng.integers(len(_COLOURS)))]

    def reread(_: Box) -> tuple[str, float]:
        return str(rng.choice(_TEXTS)), float(rng.random())

    return Surroundings(key=key, ink=ink, reread=reread if rng.random() < 0.7 else None)


def _word(text: str, x: float, y: float, size: float) -> Word:
    half = 0.3 * size * max(1, len(text))
    return Word(text=text, box=Box(x0=x - half, y0=y - size / 2, x1=x + half, y1=y + size / 2))


def _lost(words: list[Word], rng: np.random.Generator) -> list[Word]:
    share = float(rng.choice([0.05, 0.2, 0.6]))
    return [word for word in words if rng.random() > share]


def _doubled(words: list[Word], rng: np.random.Generator) -> list[Word]:
    chosen = [word for word in words if rng.random() < 0.1]
    return words + [_moved_by(word, *rng.normal(0, word.size, 2)) for word in chosen]


def _misread(words: list[Word], rng: np.random.Generator) -> list[Word]:
    """Exchange letters for those that look like them, or drop one, or all the confidence."""

    def read(word: Word) -> Word:
        text = word.text.translate(_LOOKALIKES) if rng.random() < 0.5 else word.text[1:] or word.text
        return replace(word, text=text, confidence=float(rng.choice([word.confidence, _NO_CONFIDENCE])))

    return [read(word) if rng.random() < 0.15 else word for word in words]


def _other_text(words: list[Word], rng: np.random.Generator) -> list[Word]:
    return [replace(word, text=str(rng.choice(_TEXTS))) if rng.random() < 0.08 else word for word in words]


def _other_number(words: list[Word], rng: np.random.Generator) -> list[Word]:
    """Make some numbers, or every number of a row or column, 0 or a thousand million."""
    text, line = str(rng.choice(["0", "1000000000", "-1", "1"])), words[int(rng.integers(len(words)))]
    along = int(rng.integers(3))

    def struck(word: Word) -> bool:
        near = (abs(word.cy - line.cy) if along == 0 else abs(word.cx - line.cx)) < line.size
        return word.number is not None and (near if along < 2 else rng.random() < 0.1)

    return [replace(word, text=text) if struck(word) else word for word in words]


def _rows_exchanged(words: list[Word], rng: np.random.Generator) -> list[Word]:
    one, other = (words[int(k)] for k in rng.integers(len(words), size=2))
    shift = other.cy - one.cy

    def exchanged(word: Word) -> Word:
        if abs(word.cy - one.cy) < one.size / 2:
            return _moved_by(word, 0.0, shift)
        return _moved_by(word, 0.0, -shift) if abs(word.cy - other.cy) < other.size / 2 else word

    return [exchanged(word) for word in words]


def _moved(words: list[Word], rng: np.random.Generator) -> list[Word]:
    far = float(rng.choice([1.0, 5.0, 50.0]))
    return [_moved_by(w, *rng.normal(0, far * w.size, 2)) if rng.random() < 0.1 else w for w in words]


def _joined(words: list[Word], rng: np.random.Generator) -> list[Word]:
    """Join words with the next one of their line, as where a whole row is read as one word."""
    found: list[Word] = []
    share = float(rng.choice([0.1, 0.9]))
    for word in sorted(words, key=lambda w: (round(w.cy / max(w.size, 1e-6)), w.cx)):
        last = found[-1] if found else None
        if last is not None and abs(last.cy - word.cy) < last.size / 2 and rng.random() < share:
            a, b = last.box, word.box
            box = Box(x0=min(a.x0, b.x0), y0=min(a.y0, b.y0), x1=max(a.x1, b.x1), y1=max(a.y1, b.y1))
            found[-1] = replace(last, text=last.text + str(rng.choice([" ", ""])) + word.text, box=box)
        else:
            found.append(word)
    return found


def _parted(words: list[Word], rng: np.random.Generator) -> list[Word]:
    found = []
    for word in words:
        if len(word.text) < 2 or rng.random() > 0.15:
            found.append(word)
            continue
        at = int(rng.integers(1, len(word.text)))
        middle = word.box.x0 + word.box.width * at / len(word.text)
        found += [
            replace(word, text=word.text[:at], box=replace(word.box, x1=middle)),
            replace(word, text=word.text[at:], box=replace(word.box, x0=middle)),
        ]
    return [word for word in found if word.text.strip()]


def _turned(words: list[Word], rng: np.random.Generator) -> list[Word]:
    return [replace(word, vertical=not word.vertical) if rng.random() < 0.05 else word for word in words]


def _flat(words: list[Word], rng: np.random.Generator) -> list[Word]:
    """Give some words boxes without height or width."""
    return [replace(w, box=replace(w.box, x1=w.box.x0, y1=w.box.y0)) if rng.random() < 0.05 else w for w in words]


def _moved_by(word: Word, x: float, y: float) -> Word:
    b = word.box
    return replace(word, box=Box(x0=b.x0 + x, y0=b.y0 + y, x1=b.x1 + x, y1=b.y1 + y))


_DAMAGES = (_lost, _doubled, _misread, _other_text, _other_number, _rows_exchanged, _moved, _joined, _parted, _turned,
            _flat)  # fmt: skip

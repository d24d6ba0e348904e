"""Character recognition of a whole figure: words with places and confidence."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from survrecon.arrays import run_edges
from survrecon.digitizing.geometry import Box
from survrecon.digitizing.panels.settings import RECOGNITION
from survrecon.digitizing.words.counts import with_thousands
from survrecon.digitizing.words.words import Word, number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from survrecon.arrays import ImageArray

__all__ = ["apart", "available", "on_several_processors", "read_cell", "read_words"]

_LINE_HEIGHT, _NARROWEST = 48, 64  # pixels: shorter words, numbers above all, are padded to this; time goes with width
_KEPT = 512  # single words and cells: a figure may be read again with other options
_MOST_THREADS = 2  # threads for one figure: a third less time; more bring little where others use the processors too


@dataclass(frozen=True, kw_only=True, slots=True)
class _Recognition:
    """How the words of a figure are recognised: by how many threads, and what is done beside."""

    threads: int = 1
    meanwhile: Callable[[], object] | None = None


_ON_ONE = _Recognition()
_IN_FORCE: ContextVar[_Recognition] = ContextVar("_IN_FORCE", default=_ON_ONE)


@contextmanager
def on_several_processors(meanwhile: Callable[[], object] | None = None) -> Iterator[None]:
    """Use more than one processor for the words of a figure that is read within; not for one of many workers.

    The words are the same as with one thread: a model's numbers are shared out among threads, the sum that makes a
    number never is.

    Parameters
    ----------
    meanwhile : callable or None
        Done in a thread of its own while the words of a figure are recognised, which leaves Python itself idle: an
        import that is needed later, say. It gets a processor of its own where there are two; what it raises is
        passed over.
    """
    free = _processors() - (meanwhile is not None)
    before = _IN_FORCE.set(_Recognition(threads=max(1, min(_MOST_THREADS, free)), meanwhile=meanwhile))
    try:
        yield
    finally:
        _IN_FORCE.reset(before)


def _processors() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # a system that does not tell
        return os.cpu_count() or 1


def _engine() -> Any:
    return _engine_of(_IN_FORCE.get().threads)


@lru_cache(maxsize=_MOST_THREADS)
def _engine_of(threads: int) -> Any:  # rapidocr ships no types
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,  # a quarter faster, up to 400 MB more
            "Global.log_level": "critical",
            "Rec.rec_img_shape": [3, _LINE_HEIGHT, _NARROWEST],
            "Rec.rec_batch_num": 1,  # none is padded to the width of another
        }
    )


@lru_cache(maxsize=1)
def available() -> bool:
    """Return whether the recogniser can be loaded: it is part of the installation, but may be missing or broken."""
    try:
        _engine()
    except ImportError:
        return False
    return True


def _recognise(crop: ImageArray) -> tuple[str, float]:
    return _recognised(crop.shape, crop.tobytes())


@lru_cache(maxsize=_KEPT)
def _recognised(shape: tuple[int, ...], pixels: bytes) -> tuple[str, float]:
    crop = np.frombuffer(pixels, np.uint8).reshape(shape)
    found = _engine()(np.ascontiguousarray(crop[:, :, ::-1]), use_det=False, use_cls=False, use_rec=True)
    if not found.txts:
        return "", 0.0
    return str(found.txts[0]), float(found.scores[0])


def read_words(image: ImageArray) -> list[Word]:
    """Return the words of a figure, upright ones and those running upwards; the last figure's are kept."""
    return list(_words(image.shape, image.tobytes()))


@lru_cache(maxsize=1)
def _words(shape: tuple[int, ...], pixels: bytes) -> tuple[Word, ...]:
    image, meanwhile = np.frombuffer(pixels, np.uint8).reshape(shape), _IN_FORCE.get().meanwhile
    if meanwhile is None:
        return tuple(_found(image))
    with ThreadPoolExecutor(max_workers=1) as beside:
        beside.submit(meanwhile)
        return tuple(_found(image))


def _found(image: ImageArray) -> list[Word]:
    share = min(1.0, RECOGNITION.longest / max(image.shape[:2]))
    small = image
    if share < 1.0:
        size = (round(image.shape[1] * share), round(image.shape[0] * share))
        small = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))
    found = _engine()(np.ascontiguousarray(small[:, :, ::-1]), use_det=True, use_cls=False, use_rec=True)
    if found.boxes is None:
        return []
    words = []
    for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        low, high = np.asarray(corners).min(axis=0) / share, np.asarray(corners).max(axis=0) / share
        box = Box(x0=float(low[0]), y0=float(low[1]), x1=float(high[0]), y1=float(high[1]))
        if box.height > RECOGNITION.upright * box.width and len(text.strip()) > 1:
            words.append(_upwards(image, box, str(text), float(score)))
        elif text.strip():
            words += apart(image, Word(text=str(text).strip(), box=_tight(box), confidence=float(score)))
    return words


def apart(image: ImageArray, word: Word) -> list[Word]:
    """Return the numbers that were read as one word, each in its place; any other word alone.

    The places are those of the widest gaps in the ink, where there are as many that are wider than the gaps between
    letters, and each piece is about as wide as its share of the characters.
    """
    texts = word.text.split()
    if len(texts) < 2 or any(number_of(text) is None for text in texts):
        return [word]
    box = word.box
    y0, y1 = max(0, int(box.y0)), min(image.shape[0], int(np.ceil(box.y1)))
    x0, x1 = max(0, int(box.x0)), min(image.shape[1], int(np.ceil(box.x1)))
    patch = image[y0:y1, x0:x1].astype(int)
    if not patch.size:
        return [word]
    inked = (np.abs(patch - np.median(patch, axis=(0, 1))).max(axis=2) > RECOGNITION.ink).any(axis=0)
    edges = run_edges(inked)
    starts, stops = edges[::2], edges[1::2]
    gaps = starts[1:] - stops[:-1]
    if len(gaps) < len(texts) - 1:
        return [word]
    order = np.argsort(-gaps, kind="stable")
    cuts = np.sort(order[: len(texts) - 1])
    inner = gaps[order[len(texts) - 1 :]]
    if inner.size and gaps[cuts].min() < RECOGNITION.wider * inner.max():
        return [word]
    first, last = starts[np.append(0, cuts + 1)], stops[np.append(cuts, len(stops) - 1)]
    width = (last - first).astype(float)
    share = width / width.sum() - np.array([len(t) for t in texts]) / sum(map(len, texts))
    if np.abs(share * width.sum() / width).max() > RECOGNITION.share:
        return [word]
    pieces = _with_blanks_in_numbers(list(zip(texts, first.tolist(), last.tolist(), strict=True)), box.height)
    return [replace(word, text=text, box=replace(box, x0=x0 + float(a), x1=x0 + float(b))) for text, a, b in pieces]


def _with_blanks_in_numbers(pieces: Sequence[tuple[str, int, int]], height: float) -> list[tuple[str, int, int]]:
    """Return numbers with their first and last column, those put together that a blank parts into thousands."""
    numbers = [number_of(text) or 0.0 for text, _, _ in pieces]
    if len(pieces) > 2 and all(b > a for a, b in pairwise(numbers)):  # labels of ticks: counts never rise
        return list(pieces)
    made: list[tuple[str, int, int]] = []
    for text, start, stop in pieces:
        if made and start - made[-1][2] < RECOGNITION.thousands * height:
            both = with_thousands(f"{made[-1][0]} {text}")
            if " " not in both:
                made[-1] = both, made[-1][1], stop
                continue
        made.append((text, start, stop))
    return made


def _tight(box: Box) -> Box:
    pad = min(RECOGNITION.padding * box.height, RECOGNITION.padding_across * box.width)
    return Box(x0=box.x0 + pad, y0=box.y0 + pad, x1=box.x1 - pad, y1=box.y1 - pad)


def _upwards(image: ImageArray, box: Box, text: str, score: float) -> Word:
    h, w = image.shape[:2]
    y0, y1 = max(0, int(box.y0)), min(h, int(box.y1) + 1)
    x0, x1 = max(0, int(box.x0)), min(w, int(box.x1) + 1)
    best = (score * RECOGNITION.as_found, text)
    for turns in (-1, 1):
        turned = np.rot90(image[y0:y1, x0:x1], turns)
        seen, sure = _recognise(turned)
        best = max(best, (sure + (RECOGNITION.usual_turn if turns == -1 else 0.0), seen))
        if sure > RECOGNITION.sure:
            break
    return Word(text=best[1].strip(), box=_tight(box), confidence=min(1.0, best[0]), vertical=True)


def read_cell(image: ImageArray, box: Box) -> tuple[str, float]:
    """Read one short number by recognition alone, enlarged where it is small.

    Returns
    -------
    tuple of str, float
        The text and its confidence; empty where the place is blank.
    """
    h, w = image.shape[:2]
    x0, x1 = max(0, int(box.x0)), min(w, int(np.ceil(box.x1)))
    y0, y1 = max(0, int(box.y0)), min(h, int(np.ceil(box.y1)))
    if x1 - x0 < 4 or y1 - y0 < 4:
        return "", 0.0
    crop = image[y0:y1, x0:x1]
    if np.ptp(crop, axis=(0, 1)).max() < RECOGNITION.blank:  # of any channel: red ink is as bright as paper in one
        return "", 1.0
    if crop.shape[0] < RECOGNITION.small:
        scale = _LINE_HEIGHT / crop.shape[0]
        size = (max(8, int(crop.shape[1] * scale)), _LINE_HEIGHT)
        crop = np.asarray(Image.fromarray(crop).resize(size, Image.Resampling.BICUBIC))
    text, score = _recognise(crop)
    return re.sub(r"\s", "", text), score

"""Character recognition of a whole figure (extra ``ocr``): words with places and confidence."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.words.words import Word

if TYPE_CHECKING:
    from survrecon.arrays import ImageArray

__all__ = ["available", "read_cell", "read_words"]

_LONGEST_SIDE = 2200  # pixels: larger figures are reduced for reading
_LINE_HEIGHT, _NARROWEST = 48, 64  # pixels: shorter words, numbers above all, are padded to this; time goes with width
_SURE = 0.9  # confidence of a turned word from which it is not tried the other way up
_KEPT = 512  # single words and cells: a figure may be read again with other options
_PADDING = 0.12  # of a box's height: the detector draws boxes this much too wide on each side


@lru_cache(maxsize=1)
def _engine() -> Any:  # rapidocr ships no types
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,  # a quarter faster, up to 400 MB more
            "Global.log_level": "critical",
            "Rec.rec_img_shape": [3, _LINE_HEIGHT, _NARROWEST],
            "Rec.rec_batch_num": 1,  # none is padded to the width of another
        }
    )


@lru_cache(maxsize=1)
def available() -> bool:
    """Return whether the extra is installed."""
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
    return tuple(_found(np.frombuffer(pixels, np.uint8).reshape(shape)))


def _found(image: ImageArray) -> list[Word]:
    share = min(1.0, _LONGEST_SIDE / max(image.shape[:2]))
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
        if box.height > 1.3 * box.width and len(text.strip()) > 1:
            words.append(_upwards(image, box, str(text), float(score)))
        elif text.strip():
            words.append(Word(text=str(text).strip(), box=_tight(box), confidence=float(score)))
    return words


def _tight(box: Box) -> Box:
    pad = min(_PADDING * box.height, 0.25 * box.width)
    return Box(x0=box.x0 + pad, y0=box.y0 + pad, x1=box.x1 - pad, y1=box.y1 - pad)


def _upwards(image: ImageArray, box: Box, text: str, score: float) -> Word:
    h, w = image.shape[:2]
    y0, y1 = max(0, int(box.y0)), min(h, int(box.y1) + 1)
    x0, x1 = max(0, int(box.x0)), min(w, int(box.x1) + 1)
    best = (score * 0.9, text)
    for turns in (-1, 1):
        turned = np.rot90(image[y0:y1, x0:x1], turns)
        seen, sure = _recognise(turned)
        best = max(best, (sure + (0.01 if turns == -1 else 0.0), seen))
        if sure > _SURE:
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
    spread = crop.astype(float).max(axis=2)
    if np.ptp(spread) < 40:
        return "", 1.0
    if crop.shape[0] < 40:
        scale = 48 / crop.shape[0]
        size = (max(8, int(crop.shape[1] * scale)), 48)
        crop = np.asarray(Image.fromarray(crop).resize(size, Image.Resampling.BICUBIC))
    text, score = _recognise(crop)
    return re.sub(r"\s", "", text), score

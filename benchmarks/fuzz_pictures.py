"""Damaged pictures of figures: cropped, turned, blurred, recoloured, noisy, compressed, resized, painted over."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DAMAGES", "damaged_picture"]


def damaged_picture(image: Image.Image, rng: np.random.Generator) -> tuple[Image.Image, str]:
    """Return a picture with one to three damages, and their names."""
    names = list(rng.choice(list(DAMAGES), size=int(rng.integers(1, 4)), replace=False))
    for name in names:
        image = DAMAGES[name](image, rng)
    return image, "+".join(names)


def _cropped(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Cut off up to 30% at each side."""
    left, top, right, bottom = rng.uniform(0, 0.3, 4) * (rng.random(4) < 0.6)
    w, h = image.size
    return image.crop((int(left * w), int(top * h), int((1 - right) * w), int((1 - bottom) * h)))


def _turned(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Turn by some degrees, or by a quarter or half."""
    angle = float(rng.choice([rng.normal(0, 1), rng.uniform(-15, 15), 90.0, 180.0], p=[0.5, 0.3, 0.1, 0.1]))
    return image.rotate(angle, resample=Image.Resampling.BICUBIC, expand=bool(rng.random() < 0.5), fillcolor="white")


def _blurred(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 4))))


def _recoloured(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Invert, make grey, exchange channels, reduce the contrast or the number of colours."""
    way = int(rng.integers(5))
    if way == 0:
        return ImageOps.invert(image)
    if way == 1:
        return image.convert("L").convert("RGB")
    if way == 2:
        return Image.fromarray(np.asarray(image)[:, :, rng.permutation(3)])
    if way == 3:
        return ImageEnhance.Contrast(image).enhance(float(rng.uniform(0.1, 0.6)))
    return image.quantize(int(rng.integers(2, 9))).convert("RGB")


def _noisy(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Add noise to every pixel, or black and white specks."""
    pixels = np.asarray(image).astype(float)
    if rng.random() < 0.5:
        pixels = pixels + rng.normal(0, rng.uniform(5, 60), pixels.shape)
    else:
        specks = rng.random(pixels.shape[:2])
        share = rng.uniform(0.001, 0.05)
        pixels[specks < share] = 0
        pixels[specks > 1 - share] = 255
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _compressed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    stored = io.BytesIO()
    image.save(stored, format="JPEG", quality=int(rng.integers(3, 40)))
    return Image.open(stored).convert("RGB")


def _resized(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Resize to a fifth up to twice the size, not always by the same factor in both directions."""
    across, up = float(np.exp(rng.uniform(np.log(0.2), np.log(2)))), float(rng.uniform(0.8, 1.25))
    w, h = image.size
    return image.resize((max(8, int(w * across)), max(8, int(h * across * up))), Image.Resampling.BILINEAR)


def _painted_over(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Cover some rectangles by white, black or a colour."""
    pixels = np.asarray(image).copy()
    h, w = pixels.shape[:2]
    for _ in range(int(rng.integers(1, 6))):
        y, x = int(rng.integers(h)), int(rng.integers(w))
        tall, wide = int(h * rng.uniform(0.01, 0.3)), int(w * rng.uniform(0.01, 0.3))
        pixels[y : y + tall, x : x + wide] = rng.choice([[255] * 3, [0] * 3, list(rng.integers(0, 256, 3))])
    return Image.fromarray(pixels)


DAMAGES: dict[str, Callable[[Image.Image, np.random.Generator], Image.Image]] = {
    "cropped": _cropped,
    "turned": _turned,
    "blurred": _blurred,
    "recoloured": _recoloured,
    "noisy": _noisy,
    "compressed": _compressed,
    "resized": _resized,
    "painted over": _painted_over,
}

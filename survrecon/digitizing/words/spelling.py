"""The spelling of a printed line: one sign for each meaning, and decimal points that recognition lost put back."""

from __future__ import annotations

import re

__all__ = ["RATIO_NAME", "plain_text", "with_points"]

RATIO_NAME = r"(?:(?<![^\W\d_])(?:a|adj\.?|c|cs|s|sd|u)?-?HR(?![^\W\d_])|hazards?\s*ratio)"
"""What a hazard ratio is called, as a regular expression."""

_SAME = str.maketrans(
    "·•∙⋅‧−–—\u2010\u2011，；：（）＜\uff1e≤≥\u2a7d\u2a7e⁰¹²³⁴⁵⁶⁷⁸⁹⁻",
    ".....-----,;:()<><><>0123456789-",
)
_INTERVAL_NAME = re.compile(
    r"\bC[l1]\b|\bC\.\s?I\.?|\bCrI\b|\b(?:confidence|credible)\s*(?:intervals?|limits?)", re.IGNORECASE
)
_KIND_OF_INTERVAL = re.compile(
    r"(?:\b(?:two|2)-?\s?sided|\brepeated|\bbootstrap\w*)\s+(?=(?:[\d.]+\s*% )?CI\b)", re.IGNORECASE
)
"""What a usual interval is called besides; a one-sided one is another."""


def plain_text(text: str) -> str:
    """Return a line with one spelling of each sign, decimal points, and levels as ``95% CI``.

    Examples
    --------
    >>> plain_text("HR 0·66 (IC95%: 0·50–0·87)"), plain_text("HR 0,66 (0,50 - 0,87)")
    ('HR 0.66 (95% CI: 0.50-0.87)', 'HR 0.66 (0.50 - 0.87)')
    """
    text = re.sub(r"(?<=10)(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])", "^", text)
    text = re.sub(r"([<>])\s*=", r"\1", text.translate(_SAME))
    text = re.sub(r"(?<![^\W_])[Oo](?=\.\d)", "0", text)
    text = re.sub(r"\bp\s*[cC(](?=0?\.\d)", "P<", text, flags=re.IGNORECASE)  # an underlined sign read as a letter
    text = re.sub(r"\bp\s?-\s?(?=0?\.\d)", "P=", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=%)\s*-?\s*(?:C[lI1]|IC|KI|a(?=\)))(?![^\W\d_])", " CI", text)
    text = re.sub(r"(?<=% CI)(?=\d)", " ", text)
    text = re.sub(r"\bCI \(CI\)", "CI", _KIND_OF_INTERVAL.sub("", _INTERVAL_NAME.sub("CI", text)))
    text = re.sub(r"%\s*-\s*CI\b", "% CI", text)
    text = re.sub(r"\bCI(9\d)\b(?![.%])", r"\1% CI", text)
    text = re.sub(r"(?<!%)(?<!%\s)\b(?:[CI1l]C|C[I1l])\s*:?\s*(\d{2}(?:\.\d+)?)\s*%", r"\1% CI", text)
    if re.search(r"\d\.\d", text):
        return text
    return re.sub(r"(?<![\d,])(0,\d+|\d{1,3},\d{1,2})(?![\d,])", lambda hit: hit[1].replace(",", "."), text)


_LOST_IN_P = re.compile(r"(\bp\s*(?:-?\s*values?)?\s*[=<>:]\s*)0\s?(\d{2,})(?![\d.])", re.IGNORECASE)
_HYPHENS = re.compile(r"(?<![\d.])(?P<whole>\d)-(?P<rest>\d{2})(?![\d.]*%)(?=-\d|[^\d.]|$)")
_SURELY_HYPHENS = re.compile(r"(?<![\d.])(?:0-\d{2}|\d-\d{2}\s*[(\[,;])(?!\d)")
_HYPHEN_IN_P = re.compile(r"(\bp\s*(?:-?\s*values?)?\s*[=<>:]\s*)0-(\d{2,})", re.IGNORECASE)
"""Decimal points at mid-height that were read as hyphens: those of ratios, and of p values."""
_LOST = re.compile(r"(?<![\d.])(?P<whole>\d)(?:(?<=0)|\s)(?P<rest>\d{2})(?![\d.%])")
_RATIO = re.compile(RATIO_NAME, re.IGNORECASE)


def with_points(text: str) -> tuple[str, bool]:
    """Return a line with the decimal points that recognition lost, as of ``p=0 0052``, and whether there were any."""
    found = _HYPHEN_IN_P.sub(r"\g<1>0.\2", _LOST_IN_P.sub(r"\g<1>0.\2", text))
    if _RATIO.search(found):
        if not re.search(r"\d\.\d", text):
            found = _LOST.sub(r"\g<whole>.\g<rest>", found)
        if _SURELY_HYPHENS.search(found) or not re.search(r"\d\.\d", found):
            found = _HYPHENS.sub(r"\g<whole>.\g<rest>", found)
    return found, found != text

"""The wording of a printed line: one sign for each meaning, decimal points put back, the test and model it names."""

from __future__ import annotations

import re

__all__ = ["NUMBER", "P_NAME", "RATIO_NAME", "named_model", "named_sides", "named_test", "plain_text", "with_points"]

RATIO_NAME = r"(?:(?<![^\W\d_])(?:a|adj\.?|c|cs|s|sd|u)?-?HR(?![^\W\d_])|hazards?\s*ratio)"
"""What a hazard ratio is called, as a regular expression."""

NUMBER = r"(?:\d*\.\d+|\d+)"
P_NAME = r"\bp\s*(?:-?\s*values?|[-_]?\s*log\W?\s?rank)?\s*(?:[(\[][^()\[\]=<>]*[)\]]\s*|\bfor\s+superiority\s*)?[:;,]?"
"""What a p value is called, before its sign."""
_SAME = str.maketrans(
    "·•∙⋅‧−–—\u2010\u2011，；：（）＜\uff1e≤≥\u2a7d\u2a7e⁰¹²³⁴⁵⁶⁷⁸⁹⁻",
    ".....-----,;:()<><><>0123456789-",
)
_INTERVAL_NAME = re.compile(r"\bC[l1]\b|\bC\.\s?I\.?|\bconfidence\s*(?:intervals?|limits?)", re.IGNORECASE)
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


_SIDED = re.compile(r"\b(?:(one|1)|two|2)\s*-?\s*(?:sided|tailed)\b", re.IGNORECASE)


_RANKS = r"[l1I|]og\s*[-(]*\s*rank"


_TESTS = re.compile(
    rf"(?P<other>(?:weighted|peto\S*|harrington\S*|tarone\S*|modified)\W+(?:\w+\W+)?{_RANKS}|max\s*-?combo|"
    rf"\bgr[ae]y'?s?\s+test|fisher|likelihood\s*-?\s*ratio|\bscore\s+test|harrington|tarone|peto)|"
    rf"(?P<logrank>{_RANKS}|mantel\s*-?\s*cox|mantel\s*-?\s*haenszel)|"
    rf"(?P<wilcoxon>wilcoxon|gehan|breslow)|(?P<wald>\bwald\b)|(?P<cox>\bcox\b)",
    re.IGNORECASE,
)


_OF_ANOTHER_QUESTION = re.compile(r"trend|interaction|non\s*-?\s*inferiority|equivalence|heterogeneity", re.IGNORECASE)


_TEST_NAMES = {"other": "other", "logrank": "log-rank", "wilcoxon": "Wilcoxon", "wald": "Wald", "cox": "Cox"}


def named_test(text: str, at: tuple[int, int] = (0, 0)) -> str | None:
    """Return the test that a line names, the one nearest to a stretch of it; None where it names none.

    Examples
    --------
    >>> [named_test(text) for text in ("Logrank test", "Gehan-Breslow-Wilcoxon test", "Wald P", "P = 0.03")]
    ['log-rank', 'Wilcoxon', 'Wald', None]
    """
    plain = plain_text(text)
    if _OF_ANOTHER_QUESTION.search(_clause(plain, at)):
        return "other"
    hits = list(_TESTS.finditer(plain))
    return _TEST_NAMES[str(min(hits, key=lambda hit: _gap(hit, at)).lastgroup)] if hits else None


def _clause(text: str, at: tuple[int, int]) -> str:
    """Return the part of a line that speaks of a stretch: between semicolons and other p values; all for none."""
    if at == (0, 0):
        return text
    before = [hit.end() for hit in re.finditer(rf";|{P_NAME}\s*[=<>:]\s*{NUMBER}", text[: at[0]], re.IGNORECASE)]
    behind = re.search(rf";|{P_NAME}(?:\s*for\b|\s*[=<>:])", text[at[1] :], re.IGNORECASE)
    return text[max(before, default=0) : at[1] + behind.start() if behind else len(text)]


_MODELS = (
    ("subdistribution", r"sub-?\s*distribution|sub-?\s*(?:hazard|HR\b)|\bsd?HR\b|fine\W*(?:and|&)?\W*gr[ae]y"),
    ("cause-specific", r"cause\W*specific|\bcs-?HR\b"),
    ("weighted", r"weighted|\bIPT?[CW]?W\b|propensity"),
    ("unadjusted", r"\bun-?(?:adjusted|stratified|weighted)|univaria|\bcrude\b|\b[uc]HR\b"),
    ("stratified", r"stratified"),
    ("adjusted", r"adjusted|\badj\b|\ba(?:dj\.?)?-?HR\b|multivaria|cross-?over|switch"),
)


def named_model(text: str) -> str | None:
    """Return the model of a ratio that the words name; None where they name none.

    Examples
    --------
    >>> [named_model(text) for text in ("Unstratified HR", "stratified HR", "aHR", "Subdistribution HR", "HR")]
    ['unadjusted', 'stratified', 'adjusted', 'subdistribution', None]
    """
    low = re.sub(r"\bunweighted", "unadjusted", text, flags=re.IGNORECASE)
    return next((model for model, words in _MODELS if re.search(words, low, re.IGNORECASE)), None)


def named_sides(text: str, at: tuple[int, int] = (0, 0)) -> int:
    """Return 1 where the words nearest to a stretch say one-sided, else 2."""
    hits = list(_SIDED.finditer(text))
    return 1 if hits and min(hits, key=lambda hit: _gap(hit, at))[1] else 2


def _gap(hit: re.Match[str], at: tuple[int, int]) -> int:
    """Return how far a hit is from a stretch of its line; 0 where it lies within."""
    return max(at[0] - hit.end(), hit.start() - at[1], 0)

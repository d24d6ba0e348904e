"""Panels of a figure: which words belong to which, plots inside plots, and choosing among them.

An inset that shows the same curves on a larger scale is read in place of the outer plot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from survrecon.digitizing.geometry import Box, around
from survrecon.digitizing.panels.prose import Paragraph, first_sentence, paragraphs_of, running_heads, title_in_caption
from survrecon.digitizing.panels.settings import REGIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.raster.axes import RasterAxes
    from survrecon.digitizing.words.labels import LabelRun, PanelLabels
    from survrecon.digitizing.words.words import Word

__all__ = ["Inset", "Region", "caption_beside", "insets_among", "regions_of", "with_caption"]

_LETTER = re.compile(r"^(?:panel\s+)?[(\[]?([A-H])[)\].:]?(?:\s+(.+))?$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Region:
    """One panel.

    Parameters
    ----------
    name, title : str or None
        Its letter, or its number among several, and its title.
    box : Box
        Its part of the figure.
    labels : PanelLabels
        The tick labels of its axes.
    words : list of Word
        Its words, without running text.
    axes : RasterAxes or None
        Its axes, where the caller stated them.
    caption : str
        The caption beside it, empty where there is none.
    outer : PanelLabels or None
        Of an inset that is read in place of the plot around it: that plot's labels, under which the titles and the
        numbers at risk stand.
    hidden : tuple of Box
        Insets in its plot that are not read: their lines are none of its curves.
    """

    name: str | None
    title: str | None
    box: Box
    labels: PanelLabels
    words: list[Word]
    axes: RasterAxes | None = None
    caption: str = ""
    outer: PanelLabels | None = None
    hidden: tuple[Box, ...] = ()

    @property
    def titled(self) -> PanelLabels:
        """The labels beside which the axes' titles stand, and below which the numbers at risk."""
        return self.outer or self.labels

    @property
    def tick_words(self) -> list[Word]:
        """The words that are tick labels."""
        both = (self.labels, self.outer) if self.outer is not None else (self.labels,)
        return [w for labels in both for w in (*labels.time.words, *labels.survival.words)]

    @property
    def texts(self) -> list[str]:
        """What the panel itself says: its title, its words, and its own caption; no other running text."""
        return [self.title or "", self.caption, *(w.text for w in self.words)]

    @property
    def extent(self) -> Box:
        """The box around its part of the figure and its words, names of rows at its left among them."""
        return around([self.box, *(w.box for w in self.words)])

    def moved(self, dx: float, dy: float) -> Region:
        """Return the panel with everything moved to the right and down."""
        new: dict[int, Word] = {}

        def word(old: Word) -> Word:
            return new.setdefault(id(old), replace(old, box=old.box.moved(dx, dy)))

        def run(old: LabelRun, by: float) -> LabelRun:
            return replace(
                old,
                words=tuple(map(word, old.words)),
                outliers=tuple(map(word, old.outliers)),
                repaired=tuple((word(w), v) for w, v in old.repaired),
                offset=old.offset + by,
            )

        def both(old: PanelLabels) -> PanelLabels:
            return replace(old, time=run(old.time, dx), survival=run(old.survival, dy))

        return replace(
            self,
            box=self.box.moved(dx, dy),
            labels=both(self.labels),
            outer=None if self.outer is None else both(self.outer),
            words=[word(w) for w in self.words],
            hidden=tuple(box.moved(dx, dy) for box in self.hidden),
        )

    @property
    def inset_note(self) -> list[str]:
        """What is said of an inset that is read in place of the plot around it."""
        if self.outer is None:
            return []
        low, high = min(self.outer.survival.values), max(self.outer.survival.values)
        told = f"the inset was read; the plot around it, from {low:g} to {high:g}, shows the same curves"
        return [f"{told} on a smaller scale"]


def _frame(panel: PanelLabels) -> Box:
    """Return the box from the survival labels to the last ticks."""
    x = [panel.time.position(v) for v in panel.time.values]
    y = [panel.survival.position(v) for v in panel.survival.values]
    left = min(w.box.x0 for w in panel.survival.words)
    if left < min(x) - 2 * (max(x) - min(x)) / len(x) and min(w.cx for w in panel.time.words) > left + max(x) - min(x):
        left = min(w.box.x0 for w in panel.time.words)  # its survival labels stand at another panel
    return Box(x0=left, y0=min(y), x1=max(x), y1=max(y))


def regions_of(panels: Sequence[PanelLabels], words: Sequence[Word], shape: tuple[int, ...]) -> list[Region]:
    """Divide a figure among its panels; running text belongs to none."""
    frames = [_frame(p) for p in panels]
    insets = insets_among(panels, frames)
    inner = {inset.inner for inset in insets}
    outside = [k for k in range(len(panels)) if k not in inner]
    prose = paragraphs_of(words, frames)
    running = {id(w) for paragraph in prose for w in paragraph.words}
    if prose:
        running |= {id(w) for w in running_heads(words, float(shape[0]))}
    own = [w for w in words if id(w) not in running]
    regions: list[Region] = []
    headings: list[list[Word]] = []
    for k in outside:
        others = [frames[j] for j in outside if j != k]
        box = _part(frames[k], others, own, prose, (float(shape[0]), float(shape[1])))
        inside, above = _words_of(frames[k], box, others, own, prose)
        region = Region(name=None, title=None, box=box, labels=panels[k], words=inside)
        regions.append(_with_insets(region, [i for i in insets if i.outer == k], panels, frames))
        headings.append(above)
    regions = _named(regions, [frames[k] for k in outside], headings)
    captions = [caption_beside(frames[k], prose) for k in outside]
    made = [with_caption(region, caption) for region, caption in zip(regions, captions, strict=True)]
    if len(captions) < 2 or len(set(captions)) < len(captions):
        return made
    return [replace(region, title=region.title or first_sentence(region.caption)) for region in made]  # a figure each


def with_caption(region: Region, caption: str) -> Region:
    """Return a panel with its caption, if it has none yet, and with the title that the caption gives its letter."""
    caption = region.caption or caption
    return replace(region, caption=caption, title=region.title or title_in_caption(caption, region.name))


def _named(regions: Sequence[Region], frames: Sequence[Box], headings: Sequence[list[Word]]) -> list[Region]:
    """Return the panels with their letters, or numbers, and titles."""
    parts = list(zip(headings, frames, strict=True))
    named = [_heading(*part, anywhere=False) for part in parts]
    centred = [_heading(*part, anywhere=True) for part in parts]
    if len({name for name, _ in centred} - {None}) == len(regions):  # else a title may begin with an article
        named = [own if own[0] else other for own, other in zip(named, centred, strict=True)]
    letters = [name for name, _ in named if name]
    if len(set(letters)) < len(letters):  # the letter of the panel beside was taken for its own
        named = [(None, title) for _, title in named]
    made = []
    for k, (region, frame, (name, title)) in enumerate(zip(regions, frames, named, strict=True)):
        top = frame.y0 + REGIONS.heading * frame.height
        words = [w for w in region.words if w.cy > top or w.text.strip(" ()[].:").upper() != name]  # it names no arm
        made.append(replace(region, name=name or (str(k + 1) if len(regions) > 1 else None), title=title, words=words))
    return made


def _part(
    frame: Box, others: Sequence[Box], words: Sequence[Word], prose: Sequence[Paragraph], size: tuple[float, float]
) -> Box:
    """Return the part of a figure that may belong to a panel: up to its neighbours, and to running text."""
    over = [f for f in others if min(f.x1, frame.x1) > max(f.x0, frame.x0)]
    level = [f for f in others if min(f.y1, frame.y1) > max(f.y0, frame.y0)]
    above, below = [f for f in over if f.y1 < frame.y0], [f for f in over if f.y0 > frame.y1]
    left, right = [f for f in level if f.x1 < frame.x0], [f for f in level if f.x0 > frame.x1]
    texts = [p.box for p in prose]
    text_over = [t for t in texts if min(t.x1, frame.x1) > max(t.x0, frame.x0)]
    text_level = [t for t in texts if min(t.y1, frame.y1) > max(t.y0, frame.y0)]
    return Box(
        x0=max([0.0, *((frame.x0 + f.x1) / 2 for f in left), *(t.x1 for t in text_level if t.x1 <= frame.x0)]),
        y0=max([0.0, *(_between(f, frame, words) for f in above)] + [t.y1 for t in text_over if t.y1 <= frame.y0]),
        x1=min(
            [size[1], *(f.x0 - REGIONS.towards_right * max(0.0, f.x0 - frame.x1) for f in right)]
            + [t.x0 for t in text_level if t.x0 >= frame.x1]
        ),
        y1=min([size[0], *(_between(frame, f, words) for f in below)] + [t.y0 for t in text_over if t.y0 >= frame.y1]),
    )


def _between(upper: Box, lower: Box, words: Sequence[Word]) -> float:
    """Return the height at which a plot's part ends and that of the plot below it begins.

    That is above the lower one's letter, else in the first wide gap below the upper one's table of numbers, and in
    any case as far above the lower one as a title needs.
    """
    latest = max(upper.y1, lower.y0 - REGIONS.lead * lower.height)
    span = (min(upper.x0, lower.x0) - REGIONS.letter * lower.width, max(upper.x1, lower.x1))
    own = [w for w in words if upper.y1 < w.cy < lower.y0 and span[0] < w.cx < span[1] and not w.vertical]
    numbers = [w for w in own if w.number is not None]
    cells = [n for n in numbers if sum(abs(n.cy - m.cy) < REGIONS.level * n.size for m in numbers) > 2]
    foot = max((n.box.y1 for n in cells if n.box.y1 < latest), default=None)
    letters = [
        w
        for w in own
        if _LETTER.match(w.text.strip())
        and w.box.x0 < lower.x0 + REGIONS.letter * lower.width
        and w.box.y0 > max(foot or upper.y1, lower.y0 - REGIONS.most_lead * lower.height)
    ]
    if letters:
        first = min(letters, key=lambda w: w.box.y0)
        return min(latest, first.box.y0 - REGIONS.above_letter * first.size)
    if foot is None:
        return latest
    edges = sorted((w.box.y0, w.box.y1) for w in own if w.box.y0 > foot and w.box.y0 < latest)
    at, gaps = foot, []
    for top, bottom in [*edges, (latest, latest)]:
        gaps.append((top - at, at))
        at = max(at, bottom)
    widest = max(gap for gap, _ in gaps)
    return next(start + gap / 2 for gap, start in gaps if gap >= REGIONS.wide_gap * widest)


def _words_of(
    frame: Box, box: Box, others: Sequence[Box], words: Sequence[Word], prose: Sequence[Paragraph]
) -> tuple[list[Word], list[Word]]:
    """Return a panel's words, and those that may be its letter and title; on a page only what stands near it."""
    beside = [f.x1 for f in others if f.x1 < frame.x0 and min(f.y1, frame.y1) > max(f.y0, frame.y0)]
    texts = [p.box.x1 for p in prose if p.box.x1 <= frame.x0 and min(p.box.y1, frame.y1) > max(p.box.y0, frame.y0)]
    start = max([*beside, *texts], default=0.0)  # letters and names of rows stand left of the axis' numbers
    across = [w for w in words if w.cx <= box.x1 and box.y0 <= w.cy <= box.y1]
    if any(f.x0 > frame.x1 and min(f.y1, frame.y1) > max(f.y0, frame.y0) for f in others):
        # names of rows that begin beyond this plot are those of the one at its right
        across = [w for w in across if w.cy < frame.y1 or w.box.x0 < frame.x1 + w.size]
    if others or not all(paragraph.is_caption for paragraph in prose):  # a page, and no figure with its caption alone
        across = _near(frame, across) if prose else across
    inside = [w for w in across if w.cx >= box.x0 or (w.box.x0 > start and w.cy > frame.y1)]
    upper = [w for w in across if w.cx > start and w.cy < frame.y0 + REGIONS.heading * frame.height]
    return inside, [w for w in upper if not w.vertical and w.number is None]


def _near(frame: Box, words: Sequence[Word]) -> list[Word]:
    """Return the words that stand near a plot, or near what stands near it."""
    sideways = [
        w
        for w in words
        if w.box.x0 < frame.x1 + REGIONS.sideways * w.size and w.box.x1 > frame.x0 - REGIONS.sideways * w.size
    ]
    kept = [w for w in sideways if frame.y0 <= w.cy <= frame.y1]
    edge = frame.y1
    for word in sorted((w for w in sideways if w.cy > frame.y1), key=lambda w: w.cy):
        if word.box.y0 - edge > REGIONS.apart * word.size:
            break
        kept.append(word)
        edge = max(edge, word.box.y1)
    edge = frame.y0
    for word in sorted((w for w in sideways if w.cy < frame.y0), key=lambda w: -w.cy):
        if edge - word.box.y1 > REGIONS.apart / 2 * word.size:
            break
        kept.append(word)
        edge = min(edge, word.box.y0)
    near = {id(w) for w in kept}
    return [w for w in words if id(w) in near]


def caption_beside(frame: Box, prose: Sequence[Paragraph]) -> str:
    """Return the caption nearest to a plot: below it, above it, or beside it."""
    captions = [p for p in prose if p.is_caption]
    if not captions:
        return ""
    return min(captions, key=lambda p: _distance(frame, p.box)).text


def _distance(a: Box, b: Box) -> float:
    """Return how far two boxes are apart."""
    return max(b.x0 - a.x1, a.x0 - b.x1, 0.0) + max(b.y0 - a.y1, a.y0 - b.y1, 0.0)


def _with_insets(
    region: Region, insets: Sequence[Inset], panels: Sequence[PanelLabels], frames: Sequence[Box]
) -> Region:
    """Return a panel with its insets: one that enlarges its curves is read, another is left out."""
    same = [i for i in insets if i.same]
    if len(same) == 1 and len(insets) == 1:
        return replace(region, labels=panels[same[0].inner], outer=region.labels)
    hidden = []
    for inset in insets:
        labels = panels[inset.inner]
        foot = max(w.box.y1 for w in labels.time.words)
        frame = frames[inset.inner]
        right = frame.x1 + REGIONS.last_tick * frame.width
        hidden.append(Box(x0=frame.x0, y0=frame.y0 - labels.survival.words[0].size, x1=right, y1=foot))
    words = [w for w in region.words if not any(_within(w, box) for box in hidden)]
    return replace(region, words=words, hidden=tuple(hidden))


def _within(word: Word, box: Box) -> bool:
    return box.x0 <= word.cx <= box.x1 and box.y0 <= word.cy <= box.y1


def _heading(words: Sequence[Word], frame: Box, *, anywhere: bool) -> tuple[str | None, str | None]:
    """Return the letter and title above a panel; the letter at its left, or ``anywhere`` above it."""
    letters = sorted((w for w in words if _LETTER.match(w.text.strip())), key=lambda w: (w.box.x0, w.cy))
    for word in letters:
        hit = _LETTER.match(word.text.strip())
        assert hit is not None
        over = anywhere and word.box.x0 < frame.x1 and word.cy < frame.y0 - word.size / 2
        if over or word.box.x0 < frame.x0 + REGIONS.letter * frame.width:
            beside = [
                w.text
                for w in words
                if w is not word
                and abs(w.cy - word.cy) < REGIONS.level * word.size
                and word.box.x1 < w.box.x0 < frame.x1
                and not _LETTER.match(w.text.strip())
            ]
            own = hit[2] if hit[2] and _has_letters(hit[2]) else None
            return hit[1].upper(), own or (" ".join(beside) or None)
    above = [w for w in words if w.cy < frame.y0 - w.size / 2 and w.box.x0 < frame.x1]
    return None, max(above, key=lambda w: w.box.width).text if above else None


def _has_letters(text: str) -> bool:
    """Return whether a text is more than numbers, as a title is."""
    return any(ch.isalpha() for ch in text)


@dataclass(frozen=True, kw_only=True)
class Inset:
    """A plot inside another, by their numbers among the panels.

    Parameters
    ----------
    inner, outer : int
        The two plots.
    same : bool
        Whether the inner one shows the outer one's curves over the same time, on a larger scale.
    """

    inner: int
    outer: int
    same: bool


def insets_among(panels: Sequence[PanelLabels], frames: Sequence[Box]) -> list[Inset]:
    """Return the plots that stand inside others.

    Parameters
    ----------
    panels : sequence of PanelLabels
        The panels.
    frames : sequence of Box
        Their places, from the survival labels to the last ticks.
    """
    found = []
    for inner, frame in enumerate(frames):
        holding = [k for k, other in enumerate(frames) if k != inner and other.grown(1.0).holds(frame)]
        if holding:
            outer = min(holding, key=lambda k: frames[k].width * frames[k].height)
            found.append(Inset(inner=inner, outer=outer, same=_enlarges(panels[inner], panels[outer])))
    return found


def _enlarges(inner: PanelLabels, outer: PanelLabels) -> bool:
    """Return whether a plot covers another one's time, and a part of its survival axis from an end on."""
    x, y = outer.time.values, inner.time.values
    span = max(x) - min(x)
    begins = abs(min(x) - min(y)) <= REGIONS.inset_share * span
    unread = min(b - a for a, b in zip(sorted(y), sorted(y)[1:], strict=False))  # a curve may hide the last label
    ends = max(y) + unread >= max(x) - REGIONS.last_tick * span
    low, high = min(outer.survival.values), max(outer.survival.values)
    part = (max(inner.survival.values) - min(inner.survival.values)) / (high - low)
    from_an_end = min(inner.survival.values) == low or max(inner.survival.values) == high
    return begins and ends and from_an_end and part < 1

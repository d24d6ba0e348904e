"""A Kaplan-Meier figure as R's svglite writes ggplot: a style sheet in CDATA, clip paths, polylines, measured text.

Written by hand after the form of its files; nothing of R is run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.digitizing.rendered import Arm

__all__ = ["Svglite", "write_svglite"]

_WIDTH, _HEIGHT = 576.0, 432.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 80.0, 560.0, 40.0, 290.0
_COLOURS = ("#F8766D", "#00BFC4")
_FONT = 'font-family: "Arial"'

_HEAD = f"""<?xml version='1.0' encoding='UTF-8' ?>
<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' class='svglite' width='{_WIDTH:.2f}pt' height='{_HEIGHT:.2f}pt' viewBox='0 0 {_WIDTH:.2f} {_HEIGHT:.2f}'>
<defs>
  <style type='text/css'><![CDATA[
    .svglite line, .svglite polyline, .svglite polygon, .svglite path, .svglite rect, .svglite circle {{
      fill: none;
      stroke: #000000;
      stroke-linecap: round;
      stroke-linejoin: round;
      stroke-miterlimit: 10.00;
    }}
    .svglite text {{
      white-space: pre;
    }}
    .svglite g.glyphgroup path {{
      fill: inherit;
      stroke: none;
    }}
  ]]></style>
</defs>
<rect width='100%' height='100%' style='stroke: none; fill: #FFFFFF;'/>
<defs>
  <clipPath id='cpMC4wMHw1NzYuMDB8MC4wMHw0MzIuMDA='>
    <rect x='0.00' y='0.00' width='{_WIDTH:.2f}' height='{_HEIGHT:.2f}' />
  </clipPath>
</defs>
<g clip-path='url(#cpMC4wMHw1NzYuMDB8MC4wMHw0MzIuMDA=)'>
<rect x='0.00' y='0.00' width='{_WIDTH:.2f}' height='{_HEIGHT:.2f}' style='stroke-width: 1.07; stroke: #FFFFFF; fill: #FFFFFF;' />
</g>
<defs>
  <clipPath id='cpNzUuMDB8NTYwLjAwfDQwLjAwfDI5MC4wMA=='>
    <rect x='{_LEFT:.2f}' y='{_TOP:.2f}' width='{_RIGHT - _LEFT:.2f}' height='{_BOTTOM - _TOP:.2f}' />
  </clipPath>
</defs>
"""  # noqa: E501


@dataclass(frozen=True, kw_only=True)
class Svglite:
    """How the figure is drawn: with which marks, as an element or as a letter, and whether in svglite's older form."""

    marks: str | None = None
    end: float = 36.0
    old: bool = False


def _text(x: float, y: float, words: str, *, size: float = 8.8, colour: str = "#4D4D4D", anchor: str = "middle") -> str:
    length = 0.52 * size * len(words)
    anchored = "" if anchor == "start" else f" text-anchor='{anchor}'"
    style = f"font-size: {size:.2f}px; fill: {colour}; {_FONT};"
    measured = f"textLength='{length:.2f}px' lengthAdjust='spacingAndGlyphs'"
    return f"<text x='{x:.2f}' y='{y:.2f}'{anchored} style='{style}' {measured}>{words}</text>"


def _line(points: Sequence[tuple[float, float]], colour: str, width: float = 1.07) -> str:
    joined = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return f"<polyline points='{joined} ' style='stroke-width: {width}; stroke: {colour}; stroke-linecap: butt;' />"


def _across(time: float, end: float) -> float:
    """Return the place of a time; ggplot leaves a twentieth free on both sides."""
    return _LEFT + (_RIGHT - _LEFT) * (0.05 + time / end) / 1.1


def _down(survival: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * (0.05 + survival) / 1.1


def _curve(arm: Arm, colour: str, look: Svglite) -> list[str]:
    times, survival = arm.steps
    times, survival = np.append(times, arm.time.max()), np.append(survival, survival[-1])
    corners = [(_across(times[0], look.end), _down(survival[0]))]
    for k in range(1, len(times)):
        x = _across(times[k], look.end)
        corners += [(x, _down(survival[k - 1])), (x, _down(survival[k]))]
    drawn = [_line(corners, colour, 2.13)]
    for time in arm.censored:
        x, y = _across(time, look.end), _down(float(arm.survival(np.array([time]))[0]))
        if look.marks == "+":
            drawn.append(_text(x, y + 3.7, "+", size=12.8, colour=colour))
        elif look.marks == "|":
            drawn.append(f"<line x1='{x:.2f}' y1='{y - 4:.2f}' x2='{x:.2f}' y2='{y + 4:.2f}' "
                         f"style='stroke-width: 0.71; stroke: {colour};' />")  # fmt: skip
    return drawn


def write_svglite(path: Path, arms: Sequence[Arm], look: Svglite) -> Mapping[str, list[int]]:
    """Write the figure; return the numbers at risk that it prints."""
    ticks = np.arange(0, look.end + 1, 6)
    parts = ["<g clip-path='url(#cpNzUuMDB8NTYwLjAwfDQwLjAwfDI5MC4wMA==)'>"]
    for arm, colour in zip(arms, _COLOURS, strict=True):
        parts += _curve(arm, colour, look)
    parts += ["</g>", "<g clip-path='url(#cpMC4wMHw1NzYuMDB8MC4wMHw0MzIuMDA=)'>"]
    parts += [
        _line([(_LEFT, _BOTTOM), (_LEFT, _TOP)], "#000000"),
        _line([(_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)], "#000000"),
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(_text(_LEFT - 5, _down(share) + 3.15, f"{share:.2f}", anchor="end"))
        parts.append(_line([(_LEFT - 2.74, _down(share)), (_LEFT, _down(share))], "#333333"))
    table: dict[str, list[int]] = {arm.name: [int((arm.time >= t).sum()) for t in ticks] for arm in arms}
    for t in ticks:
        x = _across(float(t), look.end)
        parts.append(_text(x, _BOTTOM + 11, f"{t:.0f}"))
        parts.append(_line([(x, _BOTTOM + 2.74), (x, _BOTTOM)], "#333333"))
    parts.append(_text((_LEFT + _RIGHT) / 2, _BOTTOM + 26, "Time in months", size=11, colour="#000000"))
    y = (_TOP + _BOTTOM) / 2
    style = f"font-size: 11.00px; {_FONT};"
    parts.append(f"<text transform='translate(30.00,{y:.2f}) rotate(-90)' text-anchor='middle' style='{style}' "
                 "textLength='91.00px' lengthAdjust='spacingAndGlyphs'>Survival probability</text>")  # fmt: skip
    for k, (arm, colour) in enumerate(zip(arms, _COLOURS, strict=True)):
        x = 200.0 + 120 * k
        parts.append(f"<rect x='{x:.2f}' y='10.00' width='17.28' height='17.28' style='stroke-width: 1.07; stroke: none; fill: #FFFFFF;' />")  # fmt: skip  # noqa: E501
        parts.append(f"<line x1='{x + 1.73:.2f}' y1='18.64' x2='{x + 15.55:.2f}' y2='18.64' "
                     f"style='stroke-width: 2.13; stroke: {colour}; stroke-linecap: butt;' />")  # fmt: skip
        parts.append(_text(x + 22.8, 21.8, arm.name, colour="#000000", anchor="start"))
        row = _BOTTOM + 62 + 20 * k
        parts.append(_text(_LEFT - 5, row, arm.name, colour=colour, anchor="end"))
        for t, count in zip(ticks, table[arm.name], strict=True):
            parts.append(_text(_across(float(t), look.end), row, str(count), size=9.96, colour="#000000"))
    parts.append(_text(_LEFT, _BOTTOM + 42, "Number at risk", size=13.2, colour="#000000", anchor="start"))
    page = _HEAD + "\n".join([*parts, "</g>", "</svg>", ""])
    if look.old:  # before version 2: the class stands on a group, and selectors name no class
        page = page.replace(" class='svglite'", "").replace(".svglite ", "").replace("</defs>\n<rect", "</defs>\n<g class='svglite'>\n<rect", 1)  # fmt: skip  # noqa: E501
        page = re.sub(r"</svg>", "</g>\n</svg>", page)
    path.write_text(page, encoding="utf-8")
    return table

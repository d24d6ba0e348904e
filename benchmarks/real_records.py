"""Make the catalogue's records of published figures from what ``survrecon digitize`` read, without looking at a ratio.

    python -m benchmarks.real_records FIGURES READ [OUT]

FIGURES holds a folder a figure with ``truth.json`` (source, printed results with their place, numbers at risk by hand),
READ a folder a figure as ``survrecon digitize`` wrote it. A record keeps points, marks, numbers at risk and readings
as they were read; which arm is the control comes from ``real_contrasts.toml``, printed results and source from
``truth.json``. What was corrected stands in the record as an edit: numbers at risk where the reading is not graded
good, and that a curve is cut where the list says that the figure shows all of the follow-up. No picture is kept:
``overlay.svg`` draws axes, traces, marks and boxes on white.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import shutil
import tomllib
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from survrecon.files.outputs import sha256_of
from survrecon.records.folder import write_document
from survrecon.records.schema import RecordDocument

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CONTRASTS", "nearest", "overlay_svg"]

CONTRASTS = Path(__file__).with_name("real_contrasts.toml")
_TRIALS = {
    "advance": "ADVANCE", "brugada": "BRUGADA-RISK", "confirm": "CONFIRM", "db04": "DESTINY-Breast04",
    "euroshock": "EURO SHOCK", "exscel": "EXSCEL", "impower150": "IMpower150", "monaleesa2": "MONALEESA-2",
    "pdl1": "NCT02625610", "race7": "RACE 7 ACWAS", "relativity047": "RELATIVITY-047", "soul": "SOUL",
    "suppressaf": "SUPPRESS-AF", "tmz": "Temozolomide with radiotherapy", "ntrk": "NTRK fusions",
}  # fmt: skip
_PATIENTS = {"tmz-rt-os": {"RT + TMZ": 287, "RT Only": 286}}
"""Of figures that print none."""
_PATIENTS_PLACE = "N Engl J Med 2005;352:987-96, abstract"
_MORTALITY = ("euroshock-30d",)
"""Figures that print the share of patients who died beside curves of those alive."""
_MODEL = {"a": "unadjusted", "b": "not stated", "c": "adjusted"}
_DATE = "2026-11-28"
_INKS = ("#b3005e", "#00703a", "#1440c8", "#b85c00")


def nearest(name: str, names: Sequence[str]) -> str:
    """Return the one of several names that is spelt most like another."""

    def plain(text: str) -> str:
        return re.sub(r"[^\w<≥+]", "", text).lower()

    return max(names, key=lambda other: SequenceMatcher(None, plain(name), plain(other)).ratio())


def main() -> None:
    """Write a folder for each record of the list."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_records")
    parser.add_argument("figures", type=Path)
    parser.add_argument("read", type=Path)
    parser.add_argument("out", type=Path, nargs="?", default=Path("digitized_curves"))
    asked = parser.parse_args()
    lists = tomllib.loads(CONTRASTS.read_text(encoding="utf-8"))
    listed = [*lists["contrast"], *lists["not_buildable"]]
    for folder in sorted(path for path in asked.read.iterdir() if (path / "figure.toml").is_file()):
        name = folder.name.lower().replace("_", "-")
        contrasts = [row for row in listed if row["record"] == name]
        if contrasts:
            truth = _truth_of(asked.figures / folder.name / "truth.json", contrasts[0])
            _make(folder, asked.out / name, truth, contrasts)
            print(name)


def _truth_of(file: Path, row: dict[str, Any]) -> dict[str, Any]:
    """Return what is known by hand of a figure, of one that cannot be built what the list says."""
    if "why" in row:
        return {"source": {"citation": row["citation"], "endpoint": row["endpoint"]}, "arms": []}
    truth: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return truth


def _make(read: Path, out: Path, truth: dict[str, Any], contrasts: Sequence[dict[str, Any]]) -> None:
    """Write one record: files as they were read, source and printed results by hand, corrections on record."""
    table = tomllib.loads((read / "figure.toml").read_text(encoding="utf-8"))
    if table["digitized"]["reading"]["internal"] == "unreliable":
        print(f"{out.name}: the reading is unreliable, so that nothing is rebuilt and no record is made")
        return
    out.mkdir(parents=True, exist_ok=True)
    parts = [part for arm in table["arms"] for part in arm.values()] + [table["digitized"]["readings"]]
    parts += table["risk_table"].values() if "risk_table" in table else []
    used = [part["file"] for part in parts if isinstance(part, dict) and "file" in part]
    for file in used:
        shutil.copy(read / file, out / file)
    _say_source(table, out.name, truth)
    _say_results(table, truth, contrasts)
    before = sha256_of((read / "figure.toml").read_bytes())
    _correct(table, out, truth, before=before, whole=contrasts[0]["whole"])
    if "why" in contrasts[0]:
        table["analysis"]["naive"] = contrasts[0]["why"]
    document = RecordDocument.model_validate(table)
    (out / "figure.toml").write_text(write_document(document), encoding="utf-8")
    (out / "overlay.svg").write_text(overlay_svg(document, out), encoding="utf-8")


def _say_source(table: dict[str, Any], name: str, truth: dict[str, Any]) -> None:
    """Name paper, trial and endpoint in place of what the program could read of them."""
    source = truth["source"]
    doi = re.search(r"10\.\d{4,9}/[^\s;)]+", source["citation"])
    figure = re.search(r"Fig \S+$", source["citation"])
    table["digitized"] |= {"citation": source["citation"], "figure": figure.group(0) if figure else "not named"}
    if doi:
        table["digitized"]["doi"] = doi.group(0)
    table["analysis"] |= {"trial": _TRIALS[name.split("-")[0]], "endpoint": source["endpoint"]}
    read = "the figure; the paper is named as it was where the picture was found"
    table["references"] = {"figure": {"citation": source["citation"], "read": read}}


def _say_results(table: dict[str, Any], truth: dict[str, Any], contrasts: Sequence[dict[str, Any]]) -> None:
    """Set the control of each contrast, and put its printed ratio, with place and model, before what else was read."""
    record = contrasts[0]["record"]
    names = [arm["name"] for arm in table["arms"]]
    kept = [fact for fact in table.get("published", []) if fact["quantity"] != "hazard_ratio"]
    facts, several = [], len(contrasts) > 1
    for row in contrasts:
        of, over = nearest(row["of"], names), nearest(row["over"], names)
        for arm in table["arms"]:
            if arm["name"] in (of, over):
                arm["role"] = "treatment" if arm["name"] == of else "control"
                arm |= {"stratum": _stratum(row["of"])} if several else {}
        place = "printed in figure" if row["in_figure"] else "caption, text or table of the paper"
        fact = {"quantity": "hazard_ratio", "of": of, "over": over, "direction": "control stated", "source": "figure"}
        fact |= {"value": row["hazard_ratio"], "model": _MODEL[row["class"]], "place": place}
        fact |= {"interval": row["interval"]} if "interval" in row else {}
        fact |= {"stratum": _stratum(row["of"])} if several else {}
        numbers = (row["hazard_ratio"], *row.get("interval", ()))
        facts.append(fact | {"decimals": max(len(repr(number).partition(".")[2]) for number in numbers)})
    if not several and not any(fact["quantity"] in ("p_value", "logrank_p") for fact in kept):
        facts += _printed_p(truth)
    for name, n in _PATIENTS.get(record, {}).items():
        next(arm for arm in table["arms"] if arm["name"] == nearest(name, names)).update(n=n, place=_PATIENTS_PLACE)
    table["published"] = [*facts, *kept]
    table["digitized"]["control_source"] = "typed"
    table["digitized"]["what"] += "; the control of each contrast was stated"


def _printed_p(truth: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the p that stands in a figure and was not read, where it is a plain number; its test is not named."""
    p = str((truth.get("printed") or {}).get("p") or "").replace(" ", "")
    found = re.fullmatch(r"(<?)(0?\.\d+)", p)
    if found is None:
        return []
    told = {"quantity": "p_value", "value": float(found.group(2)), "decimals": len(found.group(2).partition(".")[2])}
    more = {"bound": "less than"} if found.group(1) else {}
    return [told | more | {"model": "not stated", "place": "printed in figure", "source": "figure"}]


def _stratum(name: str) -> str:
    """Return the patients that an arm is of, from its name."""
    parts = re.split(r" / |, ", name)
    return next(part for part in parts if "LVEF" in part or "SGLT2i" in part)


def _correct(table: dict[str, Any], out: Path, truth: dict[str, Any], *, before: str, whole: bool) -> None:
    """Correct what the program doubts and the list settles, and put each change on record."""
    edits: list[dict[str, Any]] = []
    cut = [arm["name"] for arm in table["arms"] if arm.get("cut")]
    if whole and cut:
        for arm in table["arms"]:
            arm.pop("cut", None)
        after = sha256_of(json.dumps(table, sort_keys=True).encode())
        said = f"cut left out of {', '.join(cut)}: the figure shows all of the follow-up"
        edits.append({"file": "figure.toml", "changes": [said], "sha256_before": before, "sha256": after})
    if out.name in _MORTALITY:
        said = f"printed rates of death as survival: {_turned_into_survival(table)} numbers"
        edits.append({"file": "figure.toml", "changes": [said], "sha256_before": before, "sha256": before})
    if table["digitized"]["reading"]["internal"] != "good" and "risk_table" in table:
        edits += _corrected_counts(table, out, truth)
    if edits:
        by = {"date": _DATE, "reader": "the makers of survrecon, from numbers transcribed by hand from the figure"}
        table["digitized"]["edits"] = [edit | by for edit in edits]


def _turned_into_survival(table: dict[str, Any]) -> int:
    """Turn printed rates of death into survival; return how many."""
    rates = [fact for fact in table["published"] if fact["quantity"] == "survival"]
    for fact in rates:
        fact["value"] = round(1 - fact["value"], fact["decimals"])
        if "interval" in fact:
            fact["interval"] = [round(1 - limit, fact["decimals"]) for limit in reversed(fact["interval"])]
    return len(rates)


def _corrected_counts(table: dict[str, Any], out: Path, truth: dict[str, Any]) -> list[dict[str, Any]]:
    """Replace numbers at risk that differ from those read by hand."""
    points = table["risk_table"]["points"]
    rows = list(csv.reader((out / points["file"]).read_text(encoding="utf-8").splitlines()))
    changes = []
    for column, name in enumerate(rows[0][1:], start=1):
        arm = max(truth["arms"], key=lambda one: SequenceMatcher(None, one["name"].lower(), name.lower()).ratio())
        known = dict(zip(*(arm["risk"][key] for key in ("times", "counts")), strict=True)) if arm.get("risk") else {}
        for row in rows[1:]:
            count = known.get(next((time for time in known if abs(time - float(row[0])) < 1e-6), None))
            if count is not None and row[column] != str(count):
                changes.append(f"{name} at {row[0]}: {row[column] or 'none'} to {count}")
                row[column] = str(count)
    if not changes:
        return []
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    before, points["sha256"] = points["sha256"], sha256_of(text.getvalue().encode())
    (out / points["file"]).write_text(text.getvalue(), encoding="utf-8")
    return [{"file": points["file"], "changes": changes, "sha256_before": before, "sha256": points["sha256"]}]


def overlay_svg(document: RecordDocument, folder: Path, *, width: int = 640, height: int = 400, left: int = 60) -> str:
    """Return what was read as a drawing on white: the axes with their ends, traces, marks, a box a number at risk."""
    ends = [arm.ends_at or 0.0 for arm in document.arms]
    last = max(document.axes.time_range[1] if document.axes.time_range else 0.0, *ends)
    across, down = (width - left - 20) / last, height - 60

    def at(time: float, survival: float) -> str:
        return f"{left + time * across:.1f},{20 + (1 - survival) * down:.1f}"

    table = document.risk_table.points if document.risk_table else None
    counts = _rows_of(folder / table.file) if table else []
    total = height + 22 * (len(counts[0]) - 1 if counts else 0) + 10
    frame = f'<rect x="{left}" y="20" width="{width - left - 20}" height="{down}" fill="none" stroke="#96bee6"/>'
    parts = [f'<rect width="{width}" height="{total}" fill="#fff"/>', frame]
    for share in (0.0, 0.5, 1.0):
        parts += [_word(left - 6, 24 + (1 - share) * down, f"{share:g}", "end"),
                  _word(left + share * last * across, height - 24, f"{share * last:.4g}", "middle")]  # fmt: skip
    for k, arm in enumerate(document.arms):
        ink = _INKS[k % len(_INKS)]
        if arm.points is not None:
            rows = [(float(time), float(survival)) for time, survival in _rows_of(folder / arm.points.file)[1:]]
            way = " ".join(at(*row) for row in rows)
            parts.append(f'<polyline fill="none" stroke="{ink}" points="{way}"/>')
            parts += _marks(folder, arm.censored.file if arm.censored else None, rows, at, ink)
        parts.append(_word(width - 24, 36 + 16 * k, arm.name, "end", ink))
    for k in range(1, len(counts[0]) if counts else 0):
        for row in counts[1:]:
            x, y = left + float(row[0]) * across, height - 10 + 22 * (k - 1)
            parts += [f'<rect x="{x - 16:.1f}" y="{y}" width="32" height="17" fill="none" stroke="#e68c28"/>',
                      _word(x, y + 13, row[k], "middle", _INKS[(k - 1) % len(_INKS)])]  # fmt: skip
    size = f'viewBox="0 0 {width} {total}" font-family="sans-serif" font-size="11"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', *parts, "</svg>", ""])


def _marks(folder: Path, file: str | None, curve: Sequence[tuple[float, float]], at: Any, ink: str) -> list[str]:
    """Return the censoring marks of an arm as circles on its trace."""
    found = []
    for row in _rows_of(folder / file)[1:] if file else []:
        time = float(row[0])
        survival = next((s for t, s in reversed(curve) if t <= time), 1.0)
        x, y = at(time, survival).split(",")
        found.append(f'<circle cx="{x}" cy="{y}" r="2.5" fill="none" stroke="{ink}"/>')
    return found


def _rows_of(file: Path) -> list[list[str]]:
    return list(csv.reader(file.read_text(encoding="utf-8").splitlines()))


def _word(x: float, y: float, text: str, anchor: str, ink: str = "#464646") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}">{escape(text)}</text>'


if __name__ == "__main__":
    main()

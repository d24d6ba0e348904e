"""The committed notebooks as files: executed, clean, with nothing typed in that a record holds.

CI executes them (``pytest --nbmake notebooks``); these tests read them only. Where one fails after a change of
the package, ``python -m tests.notebooks.execute`` writes the outputs anew.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

import survrecon
from survrecon.checks.results import Verdict
from survrecon.model.published import Quantity
from survrecon.records.folder import catalogue, read_document
from tests.against_papers.pin_verdicts import VERDICTS
from tests.notebooks.execute import FOLDER, METADATA

if TYPE_CHECKING:
    from pathlib import Path

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CASE_STUDIES = NOTEBOOKS[:3]
MOST_BYTES = 600_000
LONGEST_PLOT = 25  # lines
MACHINE = re.compile(r"/(?:work|home|root|tmp|Users|opt|usr|var)/|[A-Z]:\\\\|site-packages|\d{4}-\d\d-\d\dT\d\d:\d\d")
TABLE_OF = {"01_ifm_2005_02": "ifm-2005-02_pfs_2010-07", "02_smoldering_quiredex": "quiredex_ttp_2012-10"}
RATIO_OF = "hazard ratio, lenalidomide-dexamethasone over placebo-dexamethasone"


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def outputs(path: Path) -> list[dict[str, Any]]:
    return [output for cell in code_cells(path) for output in cell["outputs"]]


def tree(cell: dict[str, Any]) -> ast.Module:
    """Return the code of a cell without the lines that only a notebook understands."""
    return ast.parse("".join(line for line in cell["source"] if not line.startswith("%")))


def table_rows(path: Path) -> list[list[str]]:
    """Return the cells of every row of every table that was shown."""
    shown = ["".join(output.get("data", {}).get("text/markdown", "")) for output in outputs(path)]
    lines = [line for text in shown for line in text.splitlines() if line.startswith("| ")]
    return [[word.strip(" *") for word in line.strip("| ").split(" | ")] for line in lines]


def pinned(record: str) -> dict[str, str]:
    with VERDICTS.open(newline="", encoding="utf-8") as stream:
        return {row["check"]: row["verdict"] for row in csv.DictReader(stream) if row["record"] == record}


every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
every_case_study = pytest.mark.parametrize("path", CASE_STUDIES, ids=lambda path: path.stem)


def test_all_are_there() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "00_from_a_figure",
        "01_ifm_2005_02",
        "02_smoldering_quiredex",
        "03_mm009_mm010",
        "04_your_own_curve",
        "05_published_figures",
        "06_extrapolation",
    ]


@every_notebook
def test_executed_once_from_top_to_bottom(path: Path) -> None:
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    kinds = [kind for output in outputs(path) for kind in output.get("data", {})]
    assert kinds.count("image/png") >= 3
    assert kinds.count("text/markdown") >= 3


@every_notebook
def test_no_error_and_no_warning_is_shown(path: Path) -> None:
    assert not [
        output for output in outputs(path) if output["output_type"] == "error" or output.get("name") == "stderr"
    ]


@every_notebook
def test_defines_no_function(path: Path) -> None:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
    assert not [node for cell in code_cells(path) for node in ast.walk(tree(cell)) if isinstance(node, definitions)]


@every_notebook
def test_uses_public_names_alone(path: Path) -> None:
    nodes = [node for cell in code_cells(path) for node in ast.walk(tree(cell))]
    ours = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    ours |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert {name for name in ours if name.startswith("survrecon")} == {"survrecon"}
    named = [alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names]
    public = [node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_survrecon(node.value)]
    assert set(public) <= set(survrecon.__all__)
    assert "run" in named + public


def _is_survrecon(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "survrecon"


@every_notebook
def test_no_plot_is_long(path: Path) -> None:
    plots = [cell for cell in code_cells(path) if any("subplots(" in line for line in cell["source"])]
    assert max(len(cell["source"]) for cell in plots) < LONGEST_PLOT if plots else True


def test_one_starts_from_a_figure_file() -> None:
    sources = ["".join(line for cell in code_cells(path) for line in cell["source"]) for path in NOTEBOOKS]
    assert any("figure.pdf" in source and "survrecon.run(" in source for source in sources)


@every_notebook
def test_tells_nothing_of_the_machine(path: Path) -> None:
    notebook = read(path)
    assert notebook["metadata"] == METADATA
    assert {key for cell in notebook["cells"] for key in cell["metadata"]} <= {"jupyter", "tags"}
    words = [json.dumps(cell["source"]) for cell in notebook["cells"]]
    for output in outputs(path):
        words += [json.dumps(text) for kind, text in output.get("data", {}).items() if kind != "image/png"]
        words.append(json.dumps(output.get("text", "")))
    assert not [match.group() for text in words if (match := MACHINE.search(text))]


@every_notebook
def test_is_small(path: Path) -> None:
    assert path.stat().st_size < MOST_BYTES


@every_case_study
def test_types_no_printed_number(path: Path) -> None:
    """Whole numbers and multiples of 0.05 stand for ticks, months and levels too, and are passed over."""
    ours = ("ifm", "quiredex", "mm0")[CASE_STUDIES.index(path)]
    printed = {
        fact.number
        for folder in catalogue()
        if folder.name.startswith(ours)
        for fact in read_document(folder).facts
        if fact.quantity is not Quantity.CONTEXT and fact.number is not None and fact.number * 20 % 1 > 1e-9
    }
    constants = [
        node.value for cell in code_cells(path) for node in ast.walk(tree(cell)) if isinstance(node, ast.Constant)
    ]
    assert not printed.intersection(value for value in constants if isinstance(value, float))


@pytest.mark.parametrize("name", TABLE_OF)
def test_shows_the_pinned_verdicts(name: str) -> None:
    """So that committed outputs do not outlive a change of the package."""
    shown = {row[0]: row[-1] for row in table_rows(FOLDER / f"{name}.ipynb")}
    for check, verdict in pinned(TABLE_OF[name]).items():
        short = check.split(", lenalidomide-dexamethasone over")[0]
        assert shown.get(check, shown.get(short)) == verdict, check


def test_shows_the_pinned_verdicts_of_hazard_ratios() -> None:
    shown = {row[0]: row[-1] for row in table_rows(FOLDER / "03_mm009_mm010.ipynb") if row[-1] in set(Verdict)}
    assert len(shown) == 6
    for record, verdict in shown.items():
        assert pinned(record)[RATIO_OF] == verdict, record


def test_extrapolation_shows_what_it_pins() -> None:
    rows = [row for row in table_rows(FOLDER / "06_extrapolation.ipynb") if len(row) == 3]
    start = rows.index(["quantity", "pinned", "now"])
    shown = [(float(then), float(now)) for _, then, now in rows[start + 2 :]]
    assert len(shown) == 6
    assert all(now == pytest.approx(then, rel=0.005) for then, now in shown)

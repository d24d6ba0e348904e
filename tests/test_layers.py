"""Imports point one way, from the command line down to the nouns: `LAYERS` holds the order."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import survrecon

ROOT = Path(survrecon.__file__).parent
LAYERS = (
    ("callers",),
    ("errors", "arrays"),
    ("model",),
    ("files",),
    ("records",),
    ("analysis", "digitizing"),
    ("reconstruction",),
    ("weighting", "value_of_information"),
    ("checks",),
    ("report", "export"),
    ("running",),
    ("review",),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
ONLY_HERE = {
    "lifelines": "analysis",
    "matplotlib": "report",
    "rich": ("report", "cli"),
    "click": "cli",
    "jinja2": "report",
    "PIL": "digitizing",
    "pypdfium2": "digitizing",
    "rapidocr": "digitizing",
    "svgelements": "digitizing",
    "starlette": "review",
    "uvicorn": "review",
    "xlsxwriter": "export",
}


def modules() -> list[Path]:
    return [path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py"]


def part(path: Path) -> str:
    relative = path.relative_to(ROOT)
    return relative.parts[0].removesuffix(".py")


def loaded(tree: ast.Module) -> ast.Module:
    """Return a module without what type checkers alone read, which loads nothing."""
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            lines = getattr(node, name, None)
            if isinstance(lines, list):
                setattr(node, name, [one for one in lines if not _for_checkers(one)])
    return tree


def _for_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imported(path: Path, *, for_checkers: bool = True) -> set[str]:
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree if for_checkers else loaded(tree)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "survrecon":
            found |= {f"survrecon.{alias.name}" for alias in node.names if alias.name != "__version__"}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    mine = part(path)
    assert mine in RANK, f"{mine} has no layer: give it one"
    for name in imported(path):
        if not name.startswith("survrecon.") or name.split(".")[1] == mine:
            continue
        other = name.split(".")[1]
        assert RANK[other] < RANK[mine], f"{mine} imports {other}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_libraries_stay_in_their_room(path: Path) -> None:
    for name in imported(path, for_checkers=False):
        library = name.split(".")[0]
        home = ONLY_HERE.get(library, part(path))
        assert part(path) in ((home,) if isinstance(home, str) else home), f"{part(path)} imports {library}"


def test_nobody_imports_the_top() -> None:
    """No module takes a public name from the package itself, so there is no cycle through ``__init__``."""
    for path in modules():
        names = {name.removeprefix("survrecon.") for name in imported(path) if name.startswith("survrecon.")}
        assert not names & set(survrecon.__all__), path


def test_what_a_module_names_to_import_by_itself_is_the_report_alone() -> None:
    """`survrecon.model.show` asks the report for plots by name: the one arrow that no import statement shows.

    The front of `survrecon.digitizing` imports its own modules when they are first asked for.
    """
    asking = {
        path.relative_to(ROOT).as_posix() for path in modules() if "import_module(" in path.read_text(encoding="utf-8")
    }
    assert asking == {"digitizing/__init__.py", "model/show.py"}

"""Write the table of priors into ``docs/model.md``, from the fields of the priors and what is said of each there.

python -m benchmarks.priors_page
"""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path

from benchmarks.results import markdown_table
from survrecon.reconstruction.statespace import priors

__all__ = ["PAGE", "main", "page_with", "table"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "model.md"
_START, _END = "<!-- priors: start -->", "<!-- priors: end -->"


def table() -> str:
    """Return a row for each prior: name, value, meaning with its unit and source."""
    tree = ast.parse(Path(str(priors.__file__)).read_text(encoding="utf-8"))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    rows = []
    for part in fields(priors.DEFAULT_PRIORS):
        whole = getattr(priors.DEFAULT_PRIORS, part.name)
        said = _said(classes[type(whole).__name__])
        for one in fields(whole):
            value = getattr(whole, one.name)
            shown = ", ".join(f"{v:g}" for v in value) if isinstance(value, tuple) else f"{value:g}"
            rows.append([f"`{part.name}.{one.name}`", shown, said[one.name]])
    return markdown_table(["prior", "value", "meaning, unit; source"], rows)


def _said(cls: ast.ClassDef) -> dict[str, str]:
    """Return what stands below each field."""
    found, name = {}, ""
    for node in cls.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif name and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found[name] = re.sub(r"\s+", " ", str(node.value.value)).replace("``", "`")
    return found


def page_with(page: str, rows: str) -> str:
    """Return the page with another table between its marks."""
    before, rest = page.split(_START)
    return f"{before}{_START}\n{rows}\n{_END}{rest.split(_END)[1]}"


def main() -> None:
    """Rewrite the table."""
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), table()), encoding="utf-8")


if __name__ == "__main__":
    main()

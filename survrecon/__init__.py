"""Rebuild patients from published Kaplan-Meier curves, and check what the paper says.

``survrecon.run("figure.png")`` does all of it; `digitize`, `reconstruct` and `compare_arms` are its steps. Every result
has ``.summary()``, ``.plot()``, ``.to_frame()`` and ``.report(path)``.

Subpackages
-----------
analysis
    Cox model, log-rank test, medians and restricted means of rebuilt patients.
checks
    What came out against what the paper prints: margins and verdicts.
cli
    The command ``survrecon``.
digitizing
    Curves, risk tables and printed numbers read from figures.
export
    Hand-over to multinma, maicplus, flexsurv, survextrap, hesim, spreadsheets and meta-analyses.
files
    Points, patients and tables, read and written.
model
    The nouns: curves, risk tables, patients, estimates, published facts.
reconstruction
    Patients from a curve (state space, spread, Guyot) or from printed numbers.
records
    The folder of a figure: ``figure.toml`` and its points.
report
    Text, JSON, pictures and pages.
running
    Everything from a source to a written result, for one figure or many.
value_of_information
    What further information would narrow a hazard ratio most.
weighting
    Printed statistics as constraints that weight the draws.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

__version__ = "0.3.0"


@cache
def _homes() -> dict[str, str]:
    """Return the module of each public name, as ``__init__.pyi`` says: the names are written there alone."""
    import ast
    from pathlib import Path

    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that importing survrecon costs nothing."""
    if name == "__all__":
        return sorted(_homes())
    if name.startswith("__") or name not in _homes():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(_homes()[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_homes()})

"""A message names an option in the language of whoever called, and no other part of the package spells flags."""

from __future__ import annotations

import ast
import pickle
import re
from pathlib import Path

import pytest

import survrecon
from survrecon.callers import NamedOption, Wording, in_python, in_shell, option_name
from survrecon.cli.messages import error_text
from survrecon.digitizing import Doubt
from survrecon.errors import BatchError, SurvreconError
from survrecon.model.curve import SurvivalCurve
from survrecon.running.options import OPTIONS, in_manifest

ROOT = Path(survrecon.__file__).parent
FLAG = re.compile(r"(?<![\w-])--[a-z]")
ELSEWHERE = [path for path in ROOT.rglob("*.py") if "cli" not in path.relative_to(ROOT).parts]


def texts(path: Path) -> list[str]:
    """Return the texts of a module, without its documentation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {id(node.body[0].value) for node in ast.walk(tree)
            if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    return [node.value for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs]  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_flag_outside_the_command_line(path: Path) -> None:
    spelled = [text for text in texts(path) if FLAG.search(text) and not text.startswith("survrecon ")]
    assert path.name == "callers.py" or not spelled, f"name the option by callers.option_name: {spelled}"


@pytest.mark.parametrize(
    ("option", "python", "shell", "manifest"),
    [
        (NamedOption("y_unit"), "y_unit=", "--y-unit", "column y_unit"),
        (NamedOption("y_unit", "percent"), "y_unit='percent'", "--y-unit percent", "percent in column y_unit"),
        (NamedOption("late_entry", "yes"), "late_entry=True", "--late-entry", "yes in column late_entry"),
        (NamedOption("n", "NUMBER", "A, b"), "n={'A, b': NUMBER}", "--n '\"A, b\"=NUMBER'", "A, b=NUMBER in column n"),
        (NamedOption("output"), "output=", "-o", "-o"),
        (NamedOption("overwrite", "yes"), "overwrite=True", "--overwrite", "--overwrite"),
    ],
)
def test_three_callers(option: NamedOption, python: str, shell: str, manifest: str) -> None:
    assert (in_python(option), in_shell(option), in_manifest(option)) == (python, shell, manifest)


def test_an_error_is_told_to_each_caller_in_its_language() -> None:
    error: SurvreconError = BatchError("a.png", "one unit", "two", f"give {option_name('y_unit', 'percent')}")
    error = pickle.loads(pickle.dumps(error.at("row 1")))
    assert type(error) is BatchError
    assert str(error) == "row 1: a.png: one unit; got two. What to do: give y_unit='percent'."
    assert error.advice == "give y_unit='percent'"
    assert error_text(error).endswith("What to do: give --y-unit percent.")
    assert error.told(in_manifest).endswith("What to do: give percent in column y_unit.")
    again = BatchError(error.where, error.rule, error.got, error.advice)
    assert again.told(in_shell) == error.told(in_shell)


def test_a_plain_constructor_says_no_flag() -> None:
    with pytest.raises(SurvreconError) as caught:
        SurvivalCurve(time=[0, 1], survival=[100, 90], time_unit="months", resolution=None)  # type: ignore[arg-type]
    assert "--" not in str(caught.value)
    assert "--y-unit percent" in error_text(caught.value)


def test_a_doubt_names_its_options() -> None:
    doubt = Doubt(where="curve", read="", confidence=0.3, why="odd", options=("arms", "crop"), otherwise="look at it")
    assert str(doubt).endswith("override with arms= or crop=, or look at it")
    assert doubt.told(in_shell).endswith("override with --arms or --crop, or look at it")


def test_braces_and_percent_signs_of_names_stay() -> None:
    text = f"arm {{n}} 5%: {option_name('n')}"
    assert Wording(text) == "arm {n} 5%: n="
    assert all(option_name(name) in Wording(option_name(name)).marked for name in OPTIONS)

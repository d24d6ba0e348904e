"""Priors as an argument: what is said of them, that they reach the method, and that each has its source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from survrecon import CensoringPrior, MarkModel, Priors, ReadingModel, reconstruct
from survrecon.errors import ReconstructionError
from survrecon.reconstruction.statespace import priors
from tests.statespace.figures import corners, simulated, trace

SOURCES = ("simulated trials", "by hand", "crowded marks", "whole months", "a guard", "row", "pixel", "file", "kernel")


def test_each_field_says_what_it_is_and_where_it_comes_from() -> None:
    tree = ast.parse(Path(str(priors.__file__)).read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for cls in (node for node in classes if node.name not in ("Priors", "_Stated")):
        fields = [node for node in cls.body if isinstance(node, ast.AnnAssign)]
        texts = [ast.unparse(node) for node in cls.body if isinstance(node, ast.Expr)][1:]
        assert len(fields) == len(texts), cls.name
        for field, text in zip(fields, texts, strict=True):
            said = re.sub(r"\s+", " ", text.replace("\\n", " "))
            assert any(source in said for source in SOURCES) or "same" in said or "there" in said, (
                f"{cls.name}.{ast.unparse(field.target)}"
            )


def test_default_priors_are_not_mentioned() -> None:
    arm = simulated(40, 1)
    plain, stated = reconstruct(corners(arm), n=40), reconstruct(corners(arm), n=40, priors=Priors())
    np.testing.assert_array_equal(plain.ipd.time, stated.ipd.time)
    assert not any("priors" in said for said in stated.assumptions)


def test_other_priors_are_named_and_used() -> None:
    arm = simulated(60, 2, censoring=1.5)
    other = Priors(censoring=CensoringPrior(level_sd=0.2), marks=MarkModel(bandwidths=(0.01, 0.02)))
    usual, found = (
        reconstruct(trace(arm, 1), n=60, priors=given, rng=np.random.default_rng(1)) for given in (None, other)
    )
    said = [text for text in found.assumptions if "priors" in text]
    assert said == [
        "priors other than the default: censoring.level_sd 0.2 (default 1.2), "
        "marks.bandwidths 0.01 to 0.02 (default 0.005 to 0.01 to 0.02 to 0.04)"
    ]
    assert not np.array_equal(usual.ipd.time, found.ipd.time)
    assert found.given is not None
    assert found.given.priors == other


def test_priors_of_a_method_that_has_none_are_not_mentioned() -> None:
    found = reconstruct(
        corners(simulated(40, 1)), n=40, method="guyot", priors=Priors(reading=ReadingModel(click_slip=0.1))
    )
    assert not any("priors" in said for said in found.assumptions)


def test_priors_of_another_type_are_refused() -> None:
    with pytest.raises(ReconstructionError, match=r"survrecon\.Priors"):
        reconstruct(corners(simulated(40, 1)), n=40, priors={"level_sd": 2})  # type: ignore[arg-type]

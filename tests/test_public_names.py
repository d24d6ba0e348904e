"""The public surface: what users import, and that importing it costs nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from enum import EnumType
from pathlib import Path

import numpy as np
import pytest

import survrecon


@pytest.mark.parametrize("name", survrecon.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(survrecon, name) is not None
    assert name in dir(survrecon)


def test_interface_names_are_public() -> None:
    assert {
        "SurvivalCurve", "RiskTable", "reconstruct", "compare_arms", "read_figure", "reproduce", "run", "digitize",
        "ArmSummary", "Comparison", "RecordResult", "Agreement", "Verdict", "DigitizedFigure", "DigitizedArm",
        "Constraint", "Constraints", "PointKind",
    } <= set(survrecon.__all__)  # fmt: skip


def test_no_class_has_the_name_of_another_and_no_public_function_either() -> None:
    """Two things of one name are one thing to a reader; functions of readers of figures have theirs by module."""
    root = Path(survrecon.__file__).parent
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in root.rglob("*.py"):
        room = path.relative_to(root).parts[0]
        for kind, name in re.findall(r"^(class|def) ([A-Za-z]\w*)", path.read_text(encoding="utf-8"), re.MULTILINE):
            if kind == "class" or room not in ("digitizing", "review"):
                found[name].append(str(path.relative_to(root)))
    assert not {name: where for name, where in found.items() if len(where) > 1}


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'digitise'"):
        survrecon.digitise  # type: ignore[attr-defined]  # noqa: B018 - the look-up is the test


def test_import_loads_nothing_heavy() -> None:
    code = "import sys, survrecon; print({'numpy', 'pandas', 'scipy', 'matplotlib', 'lifelines'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_public_objects_are_documented() -> None:
    for name in survrecon.__all__:
        text = getattr(survrecon, name).__doc__
        assert text, name
        if isinstance(getattr(survrecon, name), EnumType) or getattr(survrecon, name).__module__.endswith(".priors"):
            continue  # its members, or fields, are documented one by one
        assert "Parameters\n" in text or "Return" in text, name


def test_the_call_of_the_interface() -> None:
    """The Python of the interface, as users type it."""
    from survrecon import RiskTable, SurvivalCurve, compare_arms, reconstruct

    t, s = np.array([0, 2, 5, 9, 12.0]), np.array([1, 0.9, 0.75, 0.6, 0.5])
    curve = SurvivalCurve(time=t, survival=s, time_unit="months", resolution=None)
    table = RiskTable(time=np.array([0.0, 6]), at_risk=np.array([40, 28]), convention="before")  # type: ignore[arg-type]
    result = reconstruct(
        curve, n=40, risk_table=table, events=18, censor_times=None, method="auto", rng=None, arm="drug"
    )
    assert list(result.ipd.to_frame().columns) == ["time", "event"]
    assert len(result.ipd.to_frame()) == 40
    other = reconstruct(curve, n=40, arm="other")
    found = compare_arms(control=other, treatment=result)
    assert found.hazard_ratio.of == "drug"
    assert found.hazard_ratio.over == "other"

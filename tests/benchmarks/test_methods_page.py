"""docs/methods.md says what RESULTS.md says, and shows pictures that can be drawn."""

import numpy as np

from benchmarks.methods_page import PAGE, accuracy_table, with_table
from benchmarks.methods_pictures import Answer, answers_picture, curves_picture, svg
from benchmarks.results import RESULTS
from benchmarks.simulated import simulate

_RESULTS = """
<!-- Accuracy on the open benchmark: start -->
## Accuracy on the open benchmark

| points | information | program | ln HR error | events exact | cases + failed |
| --- | --- | --- | --- | --- | --- |
| trace | full | survrecon auto | 0.0012 | 100% | 32 + 0 |
| trace | full | CIFresolve | 0.0102 | 100% | 10 + 22 |
<!-- Accuracy on the open benchmark: end -->
"""


def test_page_is_in_step_with_the_results() -> None:
    text = PAGE.read_text(encoding="utf-8")
    now = with_table(text, "accuracy", accuracy_table(RESULTS.read_text(encoding="utf-8")))
    assert now == text, "run: python -m benchmarks.methods_page --tables"


def test_table_of_accuracy() -> None:
    lines = accuracy_table(_RESULTS).splitlines()
    assert len(lines) == 2 + 3 * 4
    row = next(line for line in lines if line.startswith("| one a pixel column | N, risk table, total events |"))
    assert [cell.strip() for cell in row.split("|")[3:-1]] == ["0.0012", "", "", "", "0.0102 (22 failed)"]


def test_pictures_are_the_same_bytes_again() -> None:
    case = simulate(np.random.default_rng([1, 0]), smallest=40, largest=60)
    found = [
        Answer(
            points=points,
            information="none",
            guyot=-0.5,
            guyot_events=20,
            ratios=np.linspace(-0.6, -0.4, 50),
            events=np.arange(50.0),
        )
        for points in ("trace", "clicks")
    ]
    first, second = (svg(answers_picture(case, found, "control")) for _ in range(2))
    assert first == second
    assert svg(curves_picture(case, ("control", "drug"), "months")).startswith(b"<?xml")

"""Write the example files: two arms of lifelines' data set `gbsg2`, clicked off an imagined figure, and a figure.

Every third step of the clicked curves is read with a hand's tremor of 0.2% and 0.1 months; fixed seed. The figure,
``figure.pdf``, is the gallery's PDF: lifelines' data set `lung`, men and women.
``python -m examples.make_examples``
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from survrecon.model.ipd import PseudoIPD
from survrecon.model.settings import DAYS_IN

ARMS = {"no": "none", "yes": "hormones"}
RISK_TIMES = np.arange(0, 85, 12)
HERE = Path(__file__).parent


def patients() -> dict[str, PseudoIPD]:
    """Return the true patients of each arm: recurrence-free survival in months."""
    from lifelines.datasets import load_gbsg2

    frame = load_gbsg2()
    found = {}
    for code, arm in ARMS.items():
        rows = frame[frame["horTh"] == code]
        months = (rows["time"] / DAYS_IN["months"]).to_numpy(dtype=float)
        found[arm] = PseudoIPD(time=months, event=rows["cens"].to_numpy(), arm=arm)
    return found


def example_files() -> dict[str, str]:
    """Return the text of each example file by its name."""
    rng, files, counts = np.random.default_rng(2012), {}, []
    for arm, ipd in patients().items():
        time, survival = (values[::3] for values in ipd.kaplan_meier())
        time, survival = np.append(0.0, time), np.append(1.0, survival)
        clicked = np.clip(survival + rng.normal(0, 0.002, survival.size), 0, 1)
        moved = np.maximum(time + rng.normal(0, 0.1, time.size), 0)
        lines = [f"{t:.2f},{s:.3f}" for t, s in zip(moved, clicked, strict=True)]
        files[f"{arm}.csv"] = "time,survival\n" + "\n".join(lines) + "\n"
        counts.append(ipd.at_risk(RISK_TIMES))
    rows = zip(RISK_TIMES, *counts, strict=True)
    files["risk.csv"] = f"time,{','.join(ARMS.values())}\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
    return files


if __name__ == "__main__":
    from examples.gallery.figures import FIGURES

    for name, text in example_files().items():
        (HERE / name).write_text(text, encoding="utf-8")
    next(figure for figure in FIGURES if figure.name == "paper.pdf").draw(HERE / "figure.pdf")

"""Figures that are drawn on the spot, and manifests of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.cli.conftest import survrecon
from tests.digitizing.rendered import Arm, Look, render, render_panels, simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["survrecon"]
LOOK = Look(names_with_n=True, marks="|")


@pytest.fixture(scope="session")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drawings, one with a printed ratio; panels of which one has no numbers of patients and one no curve."""
    folder = tmp_path_factory.mktemp("figures")
    rng = np.random.default_rng(5)

    def pair(first: float) -> list[Arm]:
        return [simulate(rng, "Placebo", 50, median=first), simulate(rng, "Drug", 45, median=1.8 * first)]

    texts = ((0.45, 0.6, "HR 0.60 (95% CI 0.38-0.95)"),)
    render(folder / "one.svg", pair(9), Look(names_with_n=True, marks="|", texts=texts))
    render(folder / "two.svg", pair(7), LOOK)
    panels = [("Overall survival", pair(12), LOOK), ("Remission", pair(6), Look(marks="|"))]
    render_panels(folder / "panels.svg", panels, bars="Response")
    return folder


@pytest.fixture
def write(tmp_path: Path, figures: Path) -> Callable[..., Path]:
    """Write a manifest beside links to the figures."""

    def manifest(*lines: str, name: str = "manifest.csv") -> Path:
        for path in figures.iterdir():
            copy = tmp_path / path.name
            if not copy.exists():
                copy.write_bytes(path.read_bytes())
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return manifest

"""`survrecon.run(...).fit()`, as users type it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import survrecon
from survrecon.errors import AnalysisError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_result_fits_models_and_carries_them_on(tmp_path: Path) -> None:
    for name, scale in (("placebo", 8), ("drug", 13)):
        lines = [f"{t},{2.718 ** (-((t / scale) ** 1.2)):.4f}" for t in range(17)]
        (tmp_path / f"{name}.csv").write_text("time,survival\n" + "\n".join(lines) + "\n")
    sources = {name: tmp_path / f"{name}.csv" for name in ("placebo", "drug")}
    result = survrecon.run(sources, n={"placebo": 60, "drug": 60}, method="spread")
    fits = result.fit("weibull,lognormal", joint=True)
    assert fits.arm_names == ("placebo", "drug")
    fit = fits.get("weibull", "placebo")
    assert fit.draws == 0
    shape, scale = fit.estimates[0]
    assert shape == pytest.approx(1.2, abs=0.25)
    assert scale == pytest.approx(8, rel=0.1)
    carried = fits.extrapolate(horizon=60, at=[24])
    assert "mean to 60" in carried.summary()
    assert "behind the best" in fits.summary()
    assert len(carried.to_frame()) == 8 * (60 + 60 + 4)
    assert fits.parameters_frame()["parameter"].tolist()[:2] == ["shape", "scale"]
    assert carried.mean_difference("weibull", of="drug", over="placebo").value[0] > 0
    with pytest.raises(AnalysisError, match="one of weibull in placebo"):
        fits.get("gamma", "placebo")


def test_reconstructions_are_fitted_as_they_are() -> None:
    curve = survrecon.SurvivalCurve(time=[0, 2, 5, 9, 12], survival=[1, 0.9, 0.75, 0.6, 0.5])  # type: ignore[arg-type]
    one = survrecon.reconstruct(curve, n=40, method="spread", arm="drug")
    fits = survrecon.fit_arms([one], models="exponential")
    assert fits.get("exponential", "drug").draws == 0
    assert repr(fits).startswith("FitSet(fits=<1 items>")


def test_plots_have_models_external_points_and_the_population() -> None:
    from matplotlib.figure import Figure

    from tests.analysis.fits.samples import gbsg2
    from tests.analysis.fits.test_extrapolation import population

    fits = survrecon.fit_arms(gbsg2(), models="weibull", endpoint="overall survival")
    point = survrecon.ExternalPoint(time=100, survival=0.3, low=0.25, source="registry")
    ax = fits.extrapolate(horizon=120, external=[point], population=population()).plot(Figure().add_subplot())
    legend = ax.get_legend()
    assert legend is not None
    words = {text.get_text() for text in legend.get_texts()}
    assert {"no, weibull", "yes, weibull", "registry", "general population"} <= words
    assert fits.plot(Figure().add_subplot()).get_legend() is not None

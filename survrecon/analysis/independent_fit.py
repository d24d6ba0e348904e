"""Parametric models that other people fitted to the same curves, for comparison by eye."""

from __future__ import annotations

import tomllib
from math import sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationError, model_validator

from survrecon.model.document import Document, document_error
from survrecon.records.folder import catalogue_folder

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["IndependentFit", "independent_fits"]

FITS_FILE = "independent_fits.toml"


class IndependentFit(Document):
    """A generalised F distribution fitted to both arms, with one shape and a shift of ``mu`` by arm.

    Parameters
    ----------
    record : str
        The catalogue record whose figure was fitted.
    citation, parameterisation, figure : str
        Who fitted, in which parameters, and which figure that is inferred to be.
    mu, sigma, q, p : float
        Location, scale and the two shapes of log time.
    shift_of_mu : dict of str to float
        Added to ``mu``, by arm.
    longest_time : dict of str to float
        Where the digitized curve of an arm ends.
    """

    record: str
    citation: str
    distribution: Literal["generalised F"]
    parameterisation: str
    figure: str
    time_unit: str
    mu: float
    sigma: float = Field(gt=0)
    q: float
    p: float = Field(gt=0)
    shift_of_mu: dict[str, float]
    longest_time: dict[str, float]

    @model_validator(mode="after")
    def _same_arms(self) -> IndependentFit:
        if self.shift_of_mu.keys() != self.longest_time.keys():
            raise ValueError("shift_of_mu and longest_time are of the same arms")
        return self

    def survival(self, time: npt.ArrayLike, arm: str) -> FloatArray:
        """Return S(t) of an arm.

        With w = (log t - mu) delta / sigma, the fitted exp(w) follows an F distribution with 2 s1
        and 2 s2 degrees of freedom, so that S(t) = I(s2 / (s2 + s1 exp(w)); s2, s1), I being the
        regularised incomplete beta function.

        Parameters
        ----------
        time : array of float, any shape
            Times from 0, in ``time_unit``.
        arm : str
            A key of ``shift_of_mu``.

        References
        ----------
        Prentice, Biometrika 1975;62:607-14; s1, s2 and delta as in Cox, Statistics in Medicine 2008;27:4301-12.
        """
        from scipy.special import betainc

        t = np.asarray(time, dtype=float)
        spread = self.q**2 + 2 * self.p
        delta = sqrt(spread)
        s1, s2 = 2 / (spread + self.q * delta), 2 / (spread - self.q * delta)
        mu = self.mu + self.shift_of_mu[arm]
        grown = (t * np.exp(-mu)) ** (delta / self.sigma)
        return np.asarray(betainc(s2, s1, s2 / (s2 + s1 * grown)), dtype=float)


def independent_fits() -> tuple[IndependentFit, ...]:
    """Return the parametric fits stored beside the catalogue.

    Examples
    --------
    >>> [fit.record for fit in independent_fits()]
    ['ifm-2005-02_pfs_2010-07']
    """
    path = catalogue_folder() / FITS_FILE
    try:
        return tuple(IndependentFit.model_validate(fit) for fit in tomllib.loads(path.read_text("utf-8"))["fits"])
    except ValidationError as error:
        raise document_error(error, str(path)) from None

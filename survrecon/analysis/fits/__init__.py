"""Parametric models fitted to rebuilt patients, over the central data set and all draws at once.

fit
    `fit_arms` fits models by name to each arm, and to all arms jointly.
results
    `FitSet`, one `ModelFit` a model and arm: estimates, covariance, log likelihood, AIC, BIC, survival, hazard.
models
    `ALL_MODELS`, `STANDARD_MODELS`; `Model` with its `Parameter`s on the scale of R's flexsurv; `Effect` of an arm.
families, standard
    Log density and log survival with derivatives: location-scale, Gompertz, splines, cure, piecewise exponential.
likelihood, maximise, starts
    The likelihood of many data sets at once (`LikelihoodOptions`: entry times, visits), and Newton's method for it.
identify
    Whether the data tell a model's parameters.
extrapolate, extrapolation
    `extrapolate` carries fits on to a horizon: `Extrapolation`, one `ModelExtrapolation` a model and arm.
pooling
    `PooledValues`: sampling and reconstruction apart and together, with their bands.
population
    `Population`: survival and hazard of the general population (`survrecon.model.external`: `LifeTable`, `Cohort`).
choice
    `model_choice`: AIC and BIC over draws, and what the choice hangs on.
settings
    Every number that somebody chose.
"""

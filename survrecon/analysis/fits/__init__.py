"""Parametric models fitted to rebuilt patients, over the central data set and all draws at once.

fit
    `fit_arms` fits models by name to each arm, and to all arms jointly; `LikelihoodOptions`.
results
    `FitSet`, one `ModelFit` a model and arm: estimates, covariance, log likelihood, AIC, BIC, survival, hazard.
models
    `ALL_MODELS`, `STANDARD_MODELS`; `Model` with its `Parameter`s on the scale of R's flexsurv; `Effect` of an arm.
families, standard
    Log density and log survival with derivatives: location-scale, Gompertz, splines, cure, piecewise exponential.
likelihood, maximise, starts
    The likelihood of many data sets at once, and Newton's method for it.
identify
    Whether the data tell a model's parameters.
settings
    Every number that somebody chose.
"""

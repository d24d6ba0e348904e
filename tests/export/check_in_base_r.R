# Reads an export for flexsurv with nothing but R itself: S(t) of our parameters, and the log likelihood of our fits.
parameters <- read.csv("our_parameters.csv", colClasses = c(data_set = "character"))
fits <- read.csv("our_fits.csv", colClasses = c(data_set = "character"))
shown <- read.csv("our_survival.csv")
tail_of <- function(model, p, t) {
  switch(model,
    exponential = pexp(t, p[["rate"]], lower.tail = FALSE),
    weibull = pweibull(t, p[["shape"]], p[["scale"]], lower.tail = FALSE),
    lognormal = plnorm(t, p[["meanlog"]], p[["sdlog"]], lower.tail = FALSE),
    loglogistic = plogis(p[["shape"]] * log(t / p[["scale"]]), lower.tail = FALSE),
    gamma = pgamma(t, p[["shape"]], p[["rate"]], lower.tail = FALSE),
    gompertz = exp(-p[["rate"]] / p[["shape"]] * expm1(p[["shape"]] * t)))
}
density_of <- function(model, p, t) {
  switch(model,
    exponential = dexp(t, p[["rate"]]),
    weibull = dweibull(t, p[["shape"]], p[["scale"]]),
    lognormal = dlnorm(t, p[["meanlog"]], p[["sdlog"]]),
    loglogistic = dlogis(p[["shape"]] * log(t / p[["scale"]])) * p[["shape"]] / t,
    gamma = dgamma(t, p[["shape"]], p[["rate"]]),
    gompertz = p[["rate"]] * exp(p[["shape"]] * t) * tail_of("gompertz", p, t))
}
models <- c("exponential", "weibull", "lognormal", "loglogistic", "gamma", "gompertz")
checked <- NULL
for (i in which(fits$model %in% models & fits$arm != "joint")) {
  row <- fits[i, ]
  own <- parameters[parameters$arm == row$arm & parameters$model == row$model & parameters$data_set == row$data_set, ]
  p <- setNames(own$estimate, own$parameter)
  file <- if (row$data_set == "central") "central.csv" else sprintf("draws/draw_%04d.csv", as.integer(row$data_set))
  d <- read.csv(file); d <- d[d$arm == row$arm, ]
  loglik <- sum(log(ifelse(d$event == 1, density_of(row$model, p, d$time), tail_of(row$model, p, d$time))))
  at <- shown[shown$arm == row$arm & shown$model == row$model, ]
  apart <- if (row$data_set == "central") max(abs(at$survival - tail_of(row$model, p, at$time))) else NA
  checked <- rbind(checked, data.frame(arm = row$arm, model = row$model, data_set = row$data_set, patients = nrow(d),
                                       events = sum(d$event), ours = row$loglik, loglik = loglik, apart = apart))
}
write.csv(checked, "checked.csv", row.names = FALSE)

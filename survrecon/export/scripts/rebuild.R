# Fits the models of our_fits.csv to the same patients with flexsurv and flexsurvcure, and compares. Run it in
# this folder. With every_draw <- TRUE each draw is fitted too, one after the other; draws are never bound together.
needed <- c("survival", "flexsurv", "flexsurvcure")
@PACKAGES@library(survival); library(flexsurv); library(flexsurvcure)
every_draw <- FALSE
arms <- c(@ARMS@)
ours <- read.csv("our_fits.csv", colClasses = c(data_set = "character"))
parameters <- read.csv("our_parameters.csv", colClasses = c(data_set = "character"))
knots <- read.csv("knots.csv")
distributions <- c(exponential = "exp", weibull = "weibull", gompertz = "gompertz", lognormal = "lnorm",
                   loglogistic = "llogis", gamma = "gamma", gengamma = "gengamma")

data_of <- function(data_set) {
  file <- if (data_set == "central") "central.csv" else sprintf("draws/draw_%04d.csv", as.integer(data_set))
  d <- read.csv(file); d$arm <- factor(d$arm, levels = arms); d
}
places <- function(a, m) knots$value[knots$arm == a & knots$model == m]

# S(t) of an arm by our own estimates, without fitting anything: p holds one model's parameters by name.
survival_of <- function(model, p, t, k) {
  part <- strsplit(model, "-")[[1]]
  if (part[1] == "rp") return(psurvspline(t, gamma = p, knots = k, scale = part[2], lower.tail = FALSE))
  if (part[1] == "cure") {
    rest <- as.list(p[names(p) != "theta"])
    S0 <- do.call(paste0("p", distributions[[part[3]]]), c(list(t), rest, lower.tail = FALSE))
    return(if (part[2] == "mixture") p[["theta"]] + (1 - p[["theta"]]) * S0 else p[["theta"]]^(1 - S0))
  }
  if (model == "piecewise") {
    edges <- c(0, k, Inf)
    H <- sapply(t, function(u) sum(p * pmax(pmin(u, edges[-1]) - edges[-length(edges)], 0)))
    return(exp(-H))
  }
  do.call(paste0("p", distributions[[model]]), c(list(t), as.list(p), lower.tail = FALSE))
}

refit <- function(model, arm, d) {
  f <- if (arm == "joint") Surv(time, event) ~ arm else Surv(time, event) ~ 1
  d <- if (arm == "joint") d else d[d$arm == arm, ]
  part <- strsplit(model, "-")[[1]]; k <- places(arm, model)
  if (part[1] == "rp") return(flexsurvspline(f, data = d, scale = part[2], knots = k[-c(1, length(k))],
                                             bknots = k[c(1, length(k))]))
  if (part[1] == "cure") return(flexsurvcure(f, data = d, dist = distributions[[part[3]]], link = "logistic",
                                             mixture = part[2] == "mixture"))
  if (model == "piecewise") return(NULL)   # events over time in each piece
  flexsurvreg(f, data = d, dist = distributions[[model]])
}

# Our estimates, put into flexsurv's own functions, give our S(t).
shown <- read.csv("our_survival.csv")
shown$flexsurv <- NA
for (key in unique(paste(shown$arm, shown$model, sep = "\r"))) {
  am <- strsplit(key, "\r")[[1]]
  rows <- shown$arm == am[1] & shown$model == am[2]
  own <- parameters[parameters$arm == am[1] & parameters$model == am[2] & parameters$data_set == "central", ]
  p <- setNames(own$estimate, own$parameter)
  shown$flexsurv[rows] <- survival_of(am[2], p, shown$time[rows], places(am[1], am[2]))
}
write.csv(shown, "survival_compared.csv", row.names = FALSE)
cat("largest difference of S(t):", max(abs(shown$survival - shown$flexsurv)), "\n")

wanted <- if (every_draw) ours else ours[ours$data_set == "central", ]
compared <- do.call(rbind, lapply(seq_len(nrow(wanted)), function(i) {
  row <- wanted[i, ]
  fit <- tryCatch(refit(row$model, row$arm, data_of(row$data_set)), error = function(e) NULL)
  theirs <- if (is.null(fit)) NA else fit$loglik
  data.frame(arm = row$arm, model = row$model, data_set = row$data_set, ours = row$loglik, flexsurv = theirs,
             ours_less_flexsurv = row$loglik - theirs)
}))
write.csv(compared, "compared.csv", row.names = FALSE)
print(compared, digits = 8, row.names = FALSE)

# The same in survHE, an arm at a time, for the models that it has:
# library(survHE)
# survhe <- fit.models(formula = Surv(time, event) ~ 1, data = subset(data_of("central"), arm == arms[1]),
#                      distr = c("exponential", "weibull", "gompertz", "lognormal", "loglogistic", "gamma", "gengamma"),
#                      method = "mle")

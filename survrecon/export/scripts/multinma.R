needed <- c("multinma", "survival")
@PACKAGES@library(multinma); library(survival)
# Join this study with the others of the network, and with covariates where the model has any; then fit once a draw.
# The same number of posterior samples of each fit, together, is the posterior over what the figure leaves open too.
one <- function(file, ...) {
  d <- read.csv(file)
  set_agd_surv(d, study = study, trt = trt, Surv = Surv(eventtime, status), ...)
}
networks <- lapply(files, one)   # for more studies: lapply(files, function(f) combine_network(one(f), others))
# fits <- lapply(networks, function(net) nma(net, likelihood = "weibull"))
# samples <- do.call(rbind, lapply(fits, function(f) as.matrix(f)))
cat(length(networks), "networks; patients in each:", nrow(central), "\n")

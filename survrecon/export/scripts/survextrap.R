needed <- c("survextrap", "survival")
@PACKAGES@library(survextrap); library(survival)
# external.csv, where it is there: n patients alive at start, of whom r survive to stop (r counts survivors).
external <- if (file.exists("external.csv")) read.csv("external.csv") else NULL
fit <- function(file) {
  d <- read.csv(file); d$treat <- factor(d$treat, levels = unique(central$treat))
  survextrap(Surv(years, status) ~ treat, data = d, external = external)
}
# fits <- lapply(files, fit)
# The same number of posterior samples of each, together, is the posterior over what the figure leaves open too.
cat(length(files), "files; patients in each:", nrow(central), "\n")

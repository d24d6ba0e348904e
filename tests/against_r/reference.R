# Reference values of R's survival for tests/against_r/test_reference.py. From the root of the checkout:
#   Rscript tests/against_r/reference.R "$(python -c 'import lifelines.datasets as d; print(d.__path__[0])')"
# writes tests/against_r/reference.csv: data,arm,quantity,at,value (arm empty for contrasts, value NA where R has none).
suppressPackageStartupMessages(library(survival))
folder <- commandArgs(trailingOnly = TRUE)[1]
from <- function(name) read.csv(file.path(folder, name), stringsAsFactors = FALSE)

waltons <- with(from("waltons_dataset.csv"), data.frame(time = T, event = E, group = as.integer(group == "miR-137")))
gbsg2 <- with(from("gbsg2.csv"), data.frame(time = time, event = cens, group = as.integer(horTh == "yes")))
lung <- with(from("lung.csv"), data.frame(time = time, event = status, group = as.integer(sex == 2)))
flat <- data.frame(                     # made up: curves and follow-up rest at exactly one half
  time = c(1, 2, 3, 5, 6, 8, 2, 4, 4, 7, 9, 9, 10, 11),
  event = c(1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1),
  group = c(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)
)
sets <- list(waltons = waltons, gbsg2 = gbsg2, lung = lung, flat = flat)
horizons <- list(waltons = c(30, 60), gbsg2 = c(730, 2000), lung = c(180, 700), flat = c(3, 8))

rows <- list()
add <- function(data, arm, quantity, at, value) {
  rows[[length(rows) + 1]] <<- data.frame(data = data, arm = arm, quantity = quantity, at = at, value = unname(value))
}
for (name in names(sets)) {
  d <- sets[[name]]
  cox <- coxph(Surv(time, event) ~ group, data = d, ties = "efron", control = coxph.control(eps = 1e-12, toler.chol = 1e-14))
  add(name, "", "log_hr", NA, coef(cox))
  add(name, "", "se", NA, sqrt(vcov(cox)[1, 1]))
  test <- survdiff(Surv(time, event) ~ group, data = d)
  add(name, "", "z", NA, (test$obs[2] - test$exp[2]) / sqrt(test$var[2, 2]))
  for (arm in 0:1) {
    one <- d[d$group == arm, ]
    for (type in c("plain", "log", "log-log")) {
      fit <- survfit(Surv(time, event) ~ 1, data = one, conf.type = type)
      limits <- quantile(fit, 0.5)
      add(name, arm, paste("median low", type), NA, limits$lower)
      add(name, arm, paste("median high", type), NA, limits$upper)
    }
    add(name, arm, "median", NA, limits$quantile)
    for (at in horizons[[name]]) {
      then <- summary(fit, times = at)
      add(name, arm, "survival", at, then$surv)
      add(name, arm, "survival low", at, then$lower)
      add(name, arm, "survival high", at, then$upper)
      area <- summary(fit, rmean = at)$table
      add(name, arm, "rmst", at, area["rmean"])
      add(name, arm, "rmst se", at, area["se(rmean)"])
    }
    reverse <- survfit(Surv(time, 1 - event) ~ 1, data = one)
    add(name, arm, "follow-up", NA, quantile(reverse, 0.5)$quantile)
  }
}
table <- do.call(rbind, rows)
table$value <- signif(table$value, 12)
write.csv(table, "tests/against_r/reference.csv", row.names = FALSE, quote = FALSE)

needed <- "maicplus"
@PACKAGES@library(maicplus)
# pseudo_ipd is one file at a time. Average the log hazard ratios over files; their variance is
# mean(se^2) + (1 + 1 / K) * var(log_hr) with K files (Rubin's rules).
one <- function(file) read.csv(file)
# fit <- function(pseudo) maic_unanchored(weights_object = weights, ipd = my_ipd, pseudo_ipd = pseudo,
#   trt_ipd = "A", trt_agd = @CONTROL@, trt_var_ipd = "ARM", trt_var_agd = "ARM", endpoint_type = "tte",
#   eff_measure = "HR")
# found <- lapply(files, function(f) fit(subset(one(f), ARM == @CONTROL@)))
sizes <- vapply(files, function(f) nrow(one(f)), integer(1))
cat(length(files), "files; patients in each:", unique(sizes), "\n")

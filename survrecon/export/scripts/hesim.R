# Samples of parameters for hesim: a row a sample, from all draws of the patients equally, so that they carry
# what the figure leaves open and the sampling error. Knots of splines are log times. Run it in this folder.
# Sample i of every model of one arm comes from the same draw of the patients.
needed <- "hesim"
@PACKAGES@library(hesim)
models <- list()

# Reads central.csv, then each file of draws/, analyses each by itself, and pools. Run it in this folder.
# Never bind the draws together: each holds all patients.
files <- list.files("draws", pattern = "^draw_[0-9]+[.]csv$", full.names = TRUE)
central <- read.csv("central.csv")
if (length(files) == 0) files <- "central.csv"


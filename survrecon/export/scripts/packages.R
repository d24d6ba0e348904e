absent <- needed[!vapply(needed, requireNamespace, logical(1), quietly = TRUE)]
if (length(absent) > 0) stop("R packages not installed: ", paste(absent, collapse = ", "), call. = FALSE)

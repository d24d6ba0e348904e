"""Published statistics as constraints: the draws of both arms, weighted by what the paper prints."""

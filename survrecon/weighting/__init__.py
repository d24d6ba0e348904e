"""Published statistics as constraints: draws of both arms, weighted by what the paper prints."""

"""Data sets from printed numbers alone: probabilities, medians, counts and the follow-up design.

A draw is made in four steps, each a module: the follow-up design of the trial (`design`), a survival function through
the printed numbers (`target`), patients of chance along both who print its points (`simulate`), and the test whether
they print every number (`proposals`, `accepted`). `draws` repeats this until there are enough draws.
"""

"""Data sets from printed numbers alone: probabilities, medians, counts and the follow-up design.

A draw is made in four steps, each a module: the follow-up design of the trial (`design`), a survival
function through the printed numbers (`target`), patients spread along both (`patients`), and the
test whether those patients print the same numbers (`conditions`). `draws` repeats this until every
draw has passed.
"""

"""Figures as journals print them, drawn by this project from simulated patients, and how well they are read.

``trial.py`` holds a figure's patients and its look, ``looks.py`` the looks; ``sheet.py`` draws axes, curves and words,
``tables.py`` the tables of a panel, ``designs.py`` and ``designs_of_tables.py`` whole figures; ``figures.py`` lists
them, ``truth.py`` writes what they show, ``score.py`` judges a reading. ``python -m examples.gallery.journals DIR``
draws every figure with its truth.
"""

"""Figures of many styles, drawn from patients that are known, and what survrecon makes of them.

``python -m examples.gallery`` draws every figure anew, runs it, and writes ``docs/gallery.md``; the tests
in ``tests/end_to_end`` hold the same figures to the truth.
"""

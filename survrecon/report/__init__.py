"""Reports of results: text for the terminal, JSON, figures, and one self-contained page per record.

Nothing here is computed anew: a report shows what a `survrecon.checks.results.RecordResult` holds.
"""

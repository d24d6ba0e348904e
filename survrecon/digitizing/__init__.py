"""Reading curves, risk tables and printed numbers from figures of published papers."""

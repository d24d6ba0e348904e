"""Several trials together: contrasts, their pooled estimate, indirect contrasts."""

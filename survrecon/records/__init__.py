"""A figure as a folder: ``figure.toml``, its points and its risk table."""

"""Where the panels of a figure stand: running text told from figures, insets told from panels, competing events."""

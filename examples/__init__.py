"""Example inputs, and the gallery of figures with known patients behind them."""

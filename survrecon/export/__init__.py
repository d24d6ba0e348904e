"""Hand-over to the programs of synthesis and of economic models: patients, fits and contrasts as they read them."""

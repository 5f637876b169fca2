"""Grant formulas (授信公式). Always true: what a formula allows is not above any of its bounds."""

"""The positions of a date (日终头寸): where the bank stood at its close, taken once and kept."""

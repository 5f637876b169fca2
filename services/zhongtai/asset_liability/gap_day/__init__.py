"""The gaps of a date (日终缺口): both gaps and the prescribed shocks at its close, taken once and kept."""

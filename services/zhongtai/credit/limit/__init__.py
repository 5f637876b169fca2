"""Credit limits (额度). Always true: held + used ≤ granted."""

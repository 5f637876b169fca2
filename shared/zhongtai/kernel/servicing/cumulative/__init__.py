"""The cumulative convention: the plan, what it does with payments, and recalculated interest."""

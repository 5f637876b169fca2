"""Minimum balances (最低余额): what has to stay on an account."""

"""Balances of any date as of any moment (余额历史): what the ledger said then, and what it says now of then."""

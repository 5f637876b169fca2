"""Confirmed credit (供应链债权凭证): who holds what. Always true: all holdings together are what the debtor owes."""

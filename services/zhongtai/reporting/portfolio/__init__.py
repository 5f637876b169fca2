"""The portfolio (资产组合): approvals, balances, arrears and income, each figure with its sources."""

"""The portfolio (资产组合): approvals, balances, arrears and income at the close of a day, each figure with its
sources.
"""

"""Loans (贷款). Always true: principal repaid + principal outstanding = principal lent."""

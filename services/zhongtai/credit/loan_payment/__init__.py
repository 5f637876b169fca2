"""Loan payments (贷款收付). Always true: nothing of a payment is lost: what is not owed is overpaid."""

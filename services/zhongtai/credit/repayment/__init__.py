"""Repayments (还款): what is due of a loan, and how a payment is applied. Always true: a payment is applied once."""

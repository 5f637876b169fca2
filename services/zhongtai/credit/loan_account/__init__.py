"""Loan accounts (贷款账户). Always true: an account is the replay of its operations; what it booked stays."""

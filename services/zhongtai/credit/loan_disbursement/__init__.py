"""Loan disbursements (放款). Always true: every step is an operation of the loan's account."""

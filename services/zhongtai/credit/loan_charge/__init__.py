"""Loan charges (贷款费用). Always true: a charge is due = paid + waived + outstanding."""

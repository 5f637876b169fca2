"""The days of loans (贷款日终明细). Always true: what is recognised of a period is its instalment's interest."""

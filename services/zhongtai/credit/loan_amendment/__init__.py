"""Loan amendments (贷款约定调整). Always true: what was booked before an amendment stays as it was booked."""

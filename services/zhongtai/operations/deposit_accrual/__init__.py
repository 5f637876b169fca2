"""The accrual of deposits by business date (存款计提): which dates are done, and what each came to."""

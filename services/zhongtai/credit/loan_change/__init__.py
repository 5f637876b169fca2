"""Loan changes (贷款变更). Always true: what is owed changes by what a change says, not by when it falls due."""

"""Loan exits (贷款退出). Always true: what is given up is posted as a loss, never forgotten."""

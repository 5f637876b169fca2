"""Loans taken over from elsewhere (存量贷款移植). Always true: limits used = principal outstanding, piece by piece."""

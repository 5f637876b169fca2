"""Participations (联合贷款、贷款转让): who funds a loan. Always true: all parts together are the loan."""

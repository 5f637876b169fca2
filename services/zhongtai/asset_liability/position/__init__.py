"""Positions (头寸): every loan, deposit account and undrawn limit, as the balance sheet sees it."""

"""Payments (支付): money between accounts, inside the bank or over a rail."""

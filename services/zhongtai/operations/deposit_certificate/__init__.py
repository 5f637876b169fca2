"""Certificates of deposit balance (存款证明): what a customer has at the bank, under a number that verifies."""

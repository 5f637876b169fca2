"""Collateral (抵质押品): items, and what they are worth. Always true: what secures a loan is not given back."""

"""Guarantees (保证): who pays what a loan does not. Always true: no guarantor is claimed for more than its cap."""

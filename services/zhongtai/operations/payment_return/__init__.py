"""Payments given back (退汇、冲正、退款): returned over their rail, reversed inside the bank, refunded in parts."""

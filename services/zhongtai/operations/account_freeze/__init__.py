"""Freezes (冻结): what an authority or the bank forbids an account to pay, in the order in which it was served."""

"""Guarantee claims (代偿): what guarantors are asked to pay. Always true: a claim is split whole, within every cap."""

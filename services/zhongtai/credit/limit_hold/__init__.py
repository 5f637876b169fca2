"""Holds on limits (预占). Always true: a hold is open once and ends once."""

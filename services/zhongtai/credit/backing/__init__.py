"""Backing (用信依据): the limit and the hold a loan stands on. Always true: a hold backs one loan, of its amount."""

"""Posting rules (记账规则): what the ledger posts when something happens, as data."""

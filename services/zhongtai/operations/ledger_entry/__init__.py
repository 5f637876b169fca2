"""Entries (记账凭证) as they rest."""

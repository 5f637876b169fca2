"""Reconciliation (对账): the lines of bank statements against the ledger's own legs, and what is left over."""

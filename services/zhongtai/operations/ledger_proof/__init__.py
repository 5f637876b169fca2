"""Proofs of the ledger (账务核对): what must agree at the end of a day, and where it does not, down to the entry."""

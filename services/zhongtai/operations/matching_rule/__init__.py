"""Matching rules (匹配规则): how lines of bank statements find what the ledger has of them, as versioned data."""

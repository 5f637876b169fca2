"""The general ledger (总账): double entry, append-only, one chain of hashes."""

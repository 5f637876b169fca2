"""Seals of the ledger (总账封签): signed Merkle roots of each book, and the proofs they give."""

"""Runs of scenario products: the journal, the executor and what it waits for."""

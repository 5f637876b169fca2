"""Escrows (资金监管): money kept until a condition is met, then released or given back."""

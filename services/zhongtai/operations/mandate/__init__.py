"""Mandates (账户授权): who may order payments from an account, up to which amount, alone or together."""

"""Servicing (贷款账户管理): a loan account kept to the cent, from approval to write-off.

`terms` holds the conventions as data, `operations` what can happen, `replay` the fold of the one over the other.
"""

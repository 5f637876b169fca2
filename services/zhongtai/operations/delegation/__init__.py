"""Delegations (授权代理): who acts in whose roles, for how long."""

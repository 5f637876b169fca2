"""Approval policies (复核规则): which commands must be approved by others before they are carried out."""

"""Statuses of payments (支付状态): the codes of ISO 20022, and what may follow what."""

"""Servicing (贷款服务约定) of a product's loans. Always true: what is not stated does not apply."""

"""Allowance models (减值模型): the parameters by which loss allowances are set, as versions."""

"""Scenario products: a YAML file read, checked and compiled into a plan that a run walks."""

"""Proposals to grant (授信申报). Always true: nothing is above its formula, and whoever proposes never approves."""

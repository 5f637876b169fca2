"""Movements of allowances (准备变动): why an allowance is another than it was; no operation of its own."""

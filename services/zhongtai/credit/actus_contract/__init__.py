"""Loans and products as ACTUS contracts (标准合约). Always true: their cash flows are those of the loan's schedule."""

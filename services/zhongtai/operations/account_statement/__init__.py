"""Statements of account (对账单): what moved an account in a period, page by page or as a document."""

"""Receivables (应收账款): invoices assigned to the bank. Always true: one invoice backs one receivable."""

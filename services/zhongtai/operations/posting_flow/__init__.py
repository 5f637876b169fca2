"""What a posting rule moves (资金流): from the words of a rule and the balances of accounts to exact postings."""

"""Payment requests (请求支付): a creditor asks, a debtor accepts or refuses."""

"""Payment batches (批量支付): payroll, fee collection and splits, told line by line."""

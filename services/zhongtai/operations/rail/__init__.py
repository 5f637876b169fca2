"""Rails (支付渠道): what carries payments to other banks, its windows, its charges and what it answers."""

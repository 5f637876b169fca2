"""Payment limits (支付限额): how often and how much is paid in a day, and at once."""

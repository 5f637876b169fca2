"""Collection agreements (代收协议): what a payer lets a creditor collect, each time and in a month."""

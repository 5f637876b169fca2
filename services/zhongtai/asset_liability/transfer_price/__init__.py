"""Transfer prices (内部资金转移定价): published curves, and the price of funds quoted from them."""

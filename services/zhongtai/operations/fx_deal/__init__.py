"""Foreign exchange deals (结售汇与外汇买卖): rates locked for a while, dealt over the currency positions, revalued."""

"""Risk-based prices (风险定价): the rate at which the return on capital meets its hurdle, and the return at a rate."""

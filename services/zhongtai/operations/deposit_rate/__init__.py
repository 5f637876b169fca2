"""Deposit rates (存款挂牌利率): what a code pays on a balance, by tier and from a day on."""

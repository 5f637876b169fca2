"""Interest on demand deposits (活期存款计息): earned by the days that balances stood, paid by the quarter."""

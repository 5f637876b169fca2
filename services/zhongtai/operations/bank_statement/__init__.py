"""Bank statements (对账单): what other banks say of our accounts with them, taken over line by line, each once."""

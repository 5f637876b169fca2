"""Re-pricing of loans (贷款重定价): a floating loan takes the quote in force on each of its re-pricing days."""

"""The days of loan accounts (贷款账户日终). Always true: an account that can be closed for a day is closed once."""

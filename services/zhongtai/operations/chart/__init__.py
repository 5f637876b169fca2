"""The chart of accounts (会计科目表)."""

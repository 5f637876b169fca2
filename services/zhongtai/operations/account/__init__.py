"""Accounts (账户): customers' deposits and the bank's own accounts; available = balance − live holds."""

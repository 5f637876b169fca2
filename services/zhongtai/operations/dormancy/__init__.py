"""Dormant accounts (睡眠户、久悬户): when an account was last used, and whether it sleeps."""

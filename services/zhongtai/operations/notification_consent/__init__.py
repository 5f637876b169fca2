"""Notification consents 通知授权."""

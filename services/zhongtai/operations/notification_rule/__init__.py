"""Notification rules 通知规则."""

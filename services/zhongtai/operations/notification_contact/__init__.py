"""Notification contacts 通知联系方式."""

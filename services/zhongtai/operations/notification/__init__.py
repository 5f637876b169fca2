"""Notifications 通知, their channels and the loop that sends them."""

"""Notification templates 通知模板."""

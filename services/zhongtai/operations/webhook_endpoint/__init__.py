"""Webhook endpoints Webhook订阅 of partners."""

"""Contacts on their way from marketing to operations 联系方式传递."""

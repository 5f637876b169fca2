"""The inbox of the bank's app 站内信."""

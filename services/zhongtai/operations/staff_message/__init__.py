"""Messages to the bank's staff 员工消息."""

"""What opens work orders (工单触发规则), as data: a wish, and the rules by which events make one."""

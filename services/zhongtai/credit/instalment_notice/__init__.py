"""Notices of instalments (还款提醒): due soon, or overdue. Always true: each is given once for each due date."""

"""Customers (客户): who they are, how to reach them, what they consented to, how the bank sorts them."""

"""Standing orders (周期转账): the same payment again and again, on bank days, until an end."""

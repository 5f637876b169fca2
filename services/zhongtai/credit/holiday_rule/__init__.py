"""Holiday rules (节假日规则): where due dates go that fall on no business day; a value two components share."""

"""Loss allowances (损失准备): the stage of a loan, its expected credit loss, and why the allowance moved."""

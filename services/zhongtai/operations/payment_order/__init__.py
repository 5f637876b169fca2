"""Payment orders (支付指令): what a customer asks to be paid, and the checks before any money moves."""

"""Payment initiations (支付指令文件): a customer's pain.001 becomes payment orders, and is answered by a pain.002."""

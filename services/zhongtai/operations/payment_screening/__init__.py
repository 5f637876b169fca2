"""Screenings of payment orders (支付指令筛查): what risk is asked before money moves, and what it or people said."""

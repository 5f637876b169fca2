"""Compensation funds (风险补偿资金池): who bears what loans lose. Always true: no layer bears more than its cap."""

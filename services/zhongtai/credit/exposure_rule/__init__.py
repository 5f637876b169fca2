"""Caps on large exposures (大额风险暴露规则). Always true: what was published of a version or a day never changes."""

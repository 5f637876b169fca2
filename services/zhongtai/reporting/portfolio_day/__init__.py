"""The portfolio of a date (资产组合日报): the report as it was told when the date was closed."""

"""Risk classification (风险分类): in which of five categories a loan stands, and by which articles."""

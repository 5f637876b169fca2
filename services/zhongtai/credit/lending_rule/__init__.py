"""Which parameters of a product contradict each other, beside the conventions of its accounts (产品参数校验)."""

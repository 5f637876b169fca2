"""Credit products (信贷产品): versions of what the bank lends. Always true: a published version never changes."""

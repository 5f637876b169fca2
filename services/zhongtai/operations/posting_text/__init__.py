"""How a posting rule is written (记账规则写法): JSON that is read into words, or refused with the place in it."""

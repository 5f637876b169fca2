"""What the values of a posting rule come to (记账规则取值)."""

"""The words of a posting rule (记账规则用语): what it names, where money comes from, where it goes."""

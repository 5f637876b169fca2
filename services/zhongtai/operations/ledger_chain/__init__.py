"""The chain of entries read again (哈希链校验): as texts that the store writes, hashed one by one."""

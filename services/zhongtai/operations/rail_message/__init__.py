"""Rail messages (渠道报文): transfers other banks send us (pacs.008), what became of ours (pacs.002, pacs.004)."""

"""Rail messages (渠道报文): transfers and returns that other banks send us, as pacs.008 and pacs.004."""

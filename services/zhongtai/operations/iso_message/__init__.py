"""ISO 20022 messages (报文): payments and statements of accounts, read from XML and written as XML."""

"""Facts (事实): every event of every service, kept as it was published, each once."""

"""The arithmetic of a night over many contracts at once: what rests in columns, and what becomes of it."""

"""Held commands (待复核指令): what waits until others have approved it, and is then carried out once."""

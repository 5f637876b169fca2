"""Floating rates (浮动利率): what a rate follows, on which days, within which bounds; shared by two components."""

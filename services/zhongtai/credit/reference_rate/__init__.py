"""Reference rates (参考利率): the quotes that floating rates follow, each correction a version of its own."""

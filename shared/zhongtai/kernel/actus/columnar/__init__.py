"""The columnar engine: what the scalar reference says of one contract, said of many at once."""

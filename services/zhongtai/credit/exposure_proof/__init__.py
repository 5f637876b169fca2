"""The nightly proof of exposure (敞口核对). Always true: a difference has one open break however often it is found."""

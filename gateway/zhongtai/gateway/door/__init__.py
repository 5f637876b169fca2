"""The HTTP door (渠道入口): every RPC as JSON over HTTP, made from the contracts' own routes; nothing is written by hand."""

"""The HTTP door (渠道入口): every RPC as JSON over HTTP, by the contracts' own routes."""

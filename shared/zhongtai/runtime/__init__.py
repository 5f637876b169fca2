"""Everything that touches the world: unit of work, server, client, bus, settings, telemetry, security, main."""

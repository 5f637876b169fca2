"""What tests are given: clocks, doors, engines, an embedded platform, crash points, data generators."""

"""Reports whose every number is read from an artifact, carries its origin, and can be read again."""

"""A look into the files that runs make: tables, JSON, pictures; in a process of its own."""

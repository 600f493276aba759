"""What people see: models in, blocks out. Pure."""

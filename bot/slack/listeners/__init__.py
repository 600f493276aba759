"""The conversations: one a file, read from top to bottom as they are held."""

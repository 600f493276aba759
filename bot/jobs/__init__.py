"""The clock: what runs by itself, and how often."""

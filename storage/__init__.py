"""The memory: SQLModel tables inside, funnel models outside; SQLite or PostgreSQL."""

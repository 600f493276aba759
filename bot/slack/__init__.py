"""Slack: what people see, what they press, and how it is told."""

"""Leads come in: over HTTP, and from files."""

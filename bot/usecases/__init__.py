"""One verb a file, one transaction a call."""

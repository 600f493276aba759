"""The doors: Slack, the clock, HTTP and CSV, the command line, the playground."""

"""A small Slack of our own: strict towards the bot, pleasant for people. It serves the demo and the tests."""

"""The REST service: one port, everything that the command line can render."""

"""Engines whose packages cannot live beside ours: an environment and a process of their own."""

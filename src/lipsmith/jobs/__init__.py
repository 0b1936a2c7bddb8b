"""Renders that outlive the process that was asked for them, on one machine or many."""

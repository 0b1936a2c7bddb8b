"""The plain values that stages pass to each other. Only numpy is imported here."""

"""Where uploads and results are kept: a local folder, S3, or what speaks its language."""

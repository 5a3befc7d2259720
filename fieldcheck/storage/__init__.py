"""Memory: rows and files. Decides nothing."""

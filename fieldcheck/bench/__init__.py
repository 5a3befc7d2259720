"""What this machine can do, measured; run by `make bench`."""

"""What this machine can do, measured, each figure beside the raw limit of the same machine. Run by `make bench`."""

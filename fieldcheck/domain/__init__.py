"""The ground floor: judgement. No files, no clock, no randomness, no network, no sentences for people."""

"""fieldcheck: covert civic inspections, from a checklist to a register."""

__version__ = "0.1.0"

"""fieldcheck: covert civic inspections, from a checklist to a register."""

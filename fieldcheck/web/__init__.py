"""Faces: screens and routes. No SQL, no rules."""

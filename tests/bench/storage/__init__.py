"""Figures of what is kept, found and deleted: a module each."""

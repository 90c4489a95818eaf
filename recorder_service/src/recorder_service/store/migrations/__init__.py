"""Numbered SQL scripts; ``user_version`` tells how many have run."""

"""The ``recorder`` command."""

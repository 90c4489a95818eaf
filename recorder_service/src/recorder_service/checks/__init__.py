"""Named probes of ``recorder check``: each says what it found and, where something is wrong, what to do."""

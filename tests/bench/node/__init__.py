"""Programs that run in the recorder's own Python: they drive its parts, so that a figure is that of the real code."""

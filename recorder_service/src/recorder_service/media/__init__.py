"""Files of footage: boxes, probe, snapshot."""

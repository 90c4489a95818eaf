"""HTTP: health, metrics, the gate's auth endpoint."""

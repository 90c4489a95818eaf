"""MediaMTX: control, log, watch, reconcile."""

"""Pure words and rules of the recorder: no I/O, nothing of ours imported."""

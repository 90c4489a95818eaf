from .recording import test_sync

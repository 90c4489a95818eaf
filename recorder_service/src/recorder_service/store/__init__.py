"""What the node keeps: the index (SQLite) and durable files."""

from .index import Index
from .media_root import MediaRoot, MediaRootError

__all__ = ["Index", "MediaRoot", "MediaRootError"]

"""``python -m recorder_service`` is the ``recorder`` command."""

from .cli.main import main

if __name__ == "__main__":
    main()

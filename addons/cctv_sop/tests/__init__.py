from .core import test_files
from .core import test_workflow_guard
from .core import test_workflow_rpc
from .ui import test_hoot
from .ui import test_tours
from .ui import test_translations
from .ui import test_views

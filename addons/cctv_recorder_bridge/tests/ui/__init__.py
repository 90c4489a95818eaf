from . import test_hoot
from . import test_tours
from . import test_translations
from . import test_views

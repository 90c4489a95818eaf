from . import core
from . import assets

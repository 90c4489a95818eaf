from . import recording
from . import assets
from . import core

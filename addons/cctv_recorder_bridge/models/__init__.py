from . import core
from . import recording
from . import assets

from . import core
from . import assets
from . import recording

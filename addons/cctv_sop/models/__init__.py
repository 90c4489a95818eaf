from . import core
from . import governance
from . import assets
from . import recording

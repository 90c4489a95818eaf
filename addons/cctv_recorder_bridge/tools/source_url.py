"""Stream addresses: credentials are split off, what is wrong is said."""

import re
from urllib.parse import unquote, urlsplit, urlunsplit

SCHEMES = ("rtsp", "rtsps")  # what the recorder service takes; any other would make it refuse the whole configuration
LONGEST = 500
# what the recorder's engine refuses although Python takes it
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+(%25[A-Za-z0-9._~-]+)?\])(:[0-9]*)?")
# a word for a password with a value, as some cameras take it in path or query; an empty one opens nothing
_PASSWORD = re.compile(
    r"(?<![a-z])(?:[a-z]*(?:passwor[dt]|passwd|passcode|passphrase|pswd|pwd|psw)|(?:user|usr|login|admin)?pass?|pw"
    r"|authbasic)[0-9]*=(?!$|[&;?]|_[a-z]+=)",
    re.IGNORECASE,
)
_PORTS = {"rtsp": 554, "rtsps": 322}


class UrlError(ValueError):
    """``reason`` is one of: empty, long, blank, scheme, host, port, hash, percent, name, secret."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def split(text):
    """Split a stream address into (address without credentials, user or None, password or None).

    :raises UrlError: saying what is wrong
    """
    bare, user, password = _parted(text)
    if holds_password(bare):
        raise UrlError("secret")
    return bare, user, password


def _parted(text):
    text = str(text or "").strip()
    _check_text(text)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UrlError("port") from error
    if parts.scheme not in SCHEMES:
        raise UrlError("scheme")
    if not parts.hostname:
        raise UrlError("host")
    if port == 0:
        raise UrlError("port")
    bare = parts.netloc.rpartition("@")[2]
    if _BARE_PERCENT.search(parts.path + parts.query):
        raise UrlError("percent")
    if not _HOST.fullmatch(bare):
        raise UrlError("name")
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return urlunsplit(parts._replace(netloc=bare)), user, password


def _check_text(text):
    if not text:
        raise UrlError("empty")
    if len(text) > LONGEST:
        raise UrlError("long")
    if not text.isprintable() or " " in text:
        raise UrlError("blank")
    if "#" in text:
        raise UrlError("hash")


def holds_password(text):
    """Whether the path or query of an address names a password, which then stands open in it."""
    return _PASSWORD.search(unquote((text or "").partition("://")[2])) is not None


def endpoint(text):
    """Return who answers at a stored address: (scheme, host, port), a usual port filled in; None for no address."""
    if not text:
        return None
    parts = urlsplit(text)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme)


def place(text):
    """Return what tells one stream from others: (endpoint, path, query), without credentials; None when it is wrong."""
    try:
        bare, _user, _password = _parted(text)
    except UrlError:
        return None
    parts = urlsplit(bare)
    return endpoint(bare), parts.path, parts.query

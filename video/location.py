"""What a user gave as the address of a source, parsed and checked: the schemes, and the files, that are allowed.

Nothing but these forms ever reaches FFmpeg, which would also open ``concat:``, ``subfile,,`` and playlists
(measured: IO.md 2.7).
"""

import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from video.errors import SourceRefused

#: Scheme -> its port.
PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
MAX_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class NetworkLocation:
    """A camera or server. ``userinfo`` is kept as written, percent-encoded, with its '@'; ``target`` is path and
    query. ``repr`` shows no credentials, and neither does ``str``."""

    scheme: str
    host: str
    port: int
    userinfo: str
    target: str

    @property
    def is_rtsp(self) -> bool:
        return self.scheme in ("rtsp", "rtsps")

    @property
    def is_tls(self) -> bool:
        return self.scheme in ("rtsps", "https")

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        """Without credentials, and without the query, which may hold a key."""
        path, query, _rest = self.target.partition("?")
        return f"{self.scheme}://{'***@' if self.userinfo else ''}{self.host_header}{path}{'?***' if query else ''}"

    __repr__ = __str__


@dataclass(frozen=True, slots=True)
class FileLocation:
    """A regular file below the video folder, as its real path. Shown by its path inside the folder."""

    path: Path
    shown: str

    def __str__(self) -> str:
        return self.shown


Location = NetworkLocation | FileLocation


def parse(text: str, root: Path) -> Location:
    """The location behind ``text``; files must be below ``root``. Raises SourceRefused with the reason."""
    if not text or len(text) > MAX_LENGTH or any(c.isspace() or not c.isprintable() for c in text.replace(" ", "")):
        raise SourceRefused(_("The address of a video source must be one line of text."))
    scheme, separator, rest = text.partition("://")
    if not separator:
        return _file(text, root)
    if scheme.lower() == "file":
        return _file(unquote(rest), root)
    return _network(text)


def _network(text: str) -> NetworkLocation:
    if " " in text or "\\" in text:
        raise SourceRefused(_("The address of a video source must not have spaces or backslashes."))
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError as error:
        raise SourceRefused(_("The address of the video source is not understood.")) from error
    if scheme not in PORTS:
        raise SourceRefused(_("A video source is rtsp, rtsps, http, https or a file."))
    if not host:
        raise SourceRefused(_("The address of the video source has no host."))
    if ":" not in host:
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise SourceRefused(_("The host of the video source is not understood.")) from error
    userinfo = parts.netloc.rpartition("@")[0]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not (userinfo + target).isascii():
        raise SourceRefused(_("Write other than Latin letters in the address percent-encoded."))
    return NetworkLocation(scheme, host, port or PORTS[scheme], f"{userinfo}@" if userinfo else "", target)


def _file(text: str, root: Path) -> FileLocation:
    """One text for missing and for outside, so that files of the server cannot be probed."""
    refused = SourceRefused(_("There is no such file in the video folder."))
    try:
        base = root.resolve(strict=True)
        path = (base / text).resolve(strict=True)
        if not path.is_relative_to(base) or not stat.S_ISREG(path.stat().st_mode):
            raise refused
    except (OSError, ValueError, RuntimeError) as error:
        raise refused from error
    return FileLocation(path, path.relative_to(base).as_posix())

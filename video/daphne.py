"""Whether daphne serves this process. Its sends do not wait (django/daphne#170), so before each frame the kernel is
asked (``video.peer``) whether the viewer reads: without, two that do not cost 6 MB/s of Twisted's buffers (IO.md 2.2).
"""

import sys


def is_server() -> bool:
    """The package may be installed and imported without."""
    reactor = sys.modules.get("twisted.internet.reactor")
    return bool(getattr(reactor, "running", False))

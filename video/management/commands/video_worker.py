"""``manage.py video_worker``: capture for several web processes, which then run with VIDEO_WORKER=1."""

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from video.relay_protocol import socket_path
from video.relay_server import AlreadyRunning, RelayServer
from video.runtime import local_engine


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Own the captures of this host and hand their frames to the web processes over a unix socket."

    def handle(self, *args: Any, **options: Any) -> None:
        engine = local_engine()
        try:
            asyncio.run(self._run(RelayServer(engine), engine.start))
        except AlreadyRunning:
            raise CommandError(_("Another video worker listens on %(path)s.") % {"path": socket_path()}) from None
        finally:
            engine.stop()

    async def _run(self, server: RelayServer, start: Any) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        start()
        self.stdout.write(f"video worker: {socket_path()}")
        await server.serve(stop)

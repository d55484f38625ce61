"""An RTSP server whose picture is a clock: rtsp://127.0.0.1:PORT/live, 1280x720 at 30 frames a second, H.264.

The wall clock in milliseconds stands in the first row of 16-pixel blocks, the lowest bit first, white for one. Run with the
system's Python, which has GStreamer (the packages are named in tests/video/rtsp_server.py); prints "ready".
"""

import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

WIDTH, HEIGHT, BLOCK, BITS = 1280, 720, 16, 48
PIPELINE = (
    f"( appsrc name=clock is-live=true format=time do-timestamp=true ! video/x-raw,format=GRAY8,width={WIDTH},"
    f"height={HEIGHT},framerate=30/1 ! videoconvert ! video/x-raw,format=I420 !"
    " x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ! rtph264pay name=pay0 pt=96 )"
)
BELOW = bytes(range(256)) * (WIDTH * (HEIGHT - BLOCK) // 256)


def picture() -> bytes:
    now = time.time_ns() // 1_000_000
    line = b"".join((b"\xff" if now >> bit & 1 else b"\0") * BLOCK for bit in range(BITS))
    return line.ljust(WIDTH, b"\0") * BLOCK + BELOW


def configure(_factory: GstRtspServer.RTSPMediaFactory, media: GstRtspServer.RTSPMedia) -> None:
    source = media.get_element().get_child_by_name("clock")

    def push() -> bool:
        return bool(source.emit("push-buffer", Gst.Buffer.new_wrapped(picture())) == Gst.FlowReturn.OK)

    GLib.timeout_add(33, push)


def main() -> None:
    Gst.init(None)
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_launch(PIPELINE)
    factory.set_shared(True)
    factory.connect("media-configure", configure)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(sys.argv[1])
    server.get_mount_points().add_factory("/live", factory)
    server.attach(None)
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()

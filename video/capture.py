"""One attempt at a source: a thread that opens it, reads it, and encodes each wanted profile once per frame.

OpenCV with FFmpeg. Timeouts work only with the backend named and the parameters given at construction (opencv#23207);
``N_THREADS=1`` and ``nobuffer`` cut glass-to-glass latency from 91 / 291 to 58 / 67 ms at p50 / p95 (IO.md 2.4).
"""

import os
import threading
import time
from collections.abc import Callable, Collection
from typing import Protocol

import cv2
import numpy as np
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from video.limits import Limits
from video.profiles import Profile

Image = NDArray[np.uint8]

#: One set for every kind of source, since OpenCV reads it from the environment of the process. The gate is where the
#: network is closed off; here playlists and every protocol that names another file or address are.
FFMPEG_OPTIONS = "|".join(
    f"{name};{value}"
    for name, value in {
        "rtsp_transport": "tcp",
        "fflags": "nobuffer",
        "flags": "low_delay",
        "max_delay": "200000",
        "max_redirects": "0",
        "protocol_whitelist": "file,rtsp,rtp,tcp,http",
        "format_whitelist": "rtsp,avi,mov,matroska,mpegts,flv,mjpeg,mpjpeg",
    }.items()
)
os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = FFMPEG_OPTIONS
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
cv2.setNumThreads(1)
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

#: Of a file that does not say.
DEFAULT_FPS = 25.0


class Sink(Protocol):
    """Where frames go. Called from the capture thread."""

    def wanted(self) -> Collection[Profile]:
        """The profiles to encode now."""

    def wants_image(self) -> bool:
        """Whether the raw picture is wanted, by a recording."""

    def image(self, image: Image) -> None: ...

    def encoded(self, profile: Profile, jpeg: bytes, captured_ms: int) -> None: ...

    def seen(self) -> None:
        """A frame was read, wanted or not."""


class Session(threading.Thread):
    """``url`` is a gate's or a plain path. ``on_end`` is called from the thread when it is over."""

    def __init__(self, url: str, *, paced: bool, sink: Sink, limits: Limits, on_end: Callable[[], None]) -> None:
        super().__init__(name="video-capture", daemon=True)
        self.error = ""
        self.width = 0
        self.height = 0
        self.opened = False
        self.last_frame: float | None = None
        self.over = False
        self._url = url
        self._paced = paced
        self._sink = sink
        self._limits = limits
        self._on_end = on_end
        self._stopping = threading.Event()
        self._rates: dict[Profile, Rate] = {}

    def stop(self) -> None:
        """Ask the thread to end at its next frame; cut the gate as well where there is one."""
        self._stopping.set()

    def run(self) -> None:
        capture: cv2.VideoCapture | None = None
        try:
            capture = self._open()
            if capture is not None:
                self._read(capture)
        except cv2.error as error:
            self.error = f"OpenCV: {error.err or error}"
        except MemoryError:
            self.error = gettext_noop("out of memory")
        finally:
            # The state first: release() of a frozen camera may wait as long as a read (IO.md 2.4).
            self.over = True
            self._on_end()
            if capture is not None:
                capture.release()

    def _open(self) -> cv2.VideoCapture | None:
        milliseconds = [
            (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(self._limits.open_timeout * 1000)),
            (cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(self._limits.read_timeout * 1000)),
            (cv2.CAP_PROP_N_THREADS, 1),
        ]
        capture = cv2.VideoCapture(self._url, cv2.CAP_FFMPEG, [number for pair in milliseconds for number in pair])
        if not capture.isOpened():
            self.error = gettext_noop("cannot be opened")
            return None
        self.opened = True
        return capture

    def _read(self, capture: cv2.VideoCapture) -> None:
        if not self._fits(int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))):
            return
        finite = capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0
        fps = capture.get(cv2.CAP_PROP_FPS)
        pace = Pace(fps if 1 <= fps <= 120 else DEFAULT_FPS) if self._paced or finite else None
        while not self._stopping.is_set():
            if not self._grab(capture, finite):
                self.error = gettext_noop("the source has ended")
                return
            if self._stopping.is_set() or not self._deliver(capture):
                return
            if pace and self._stopping.wait(pace.delay()):
                return

    def _grab(self, capture: cv2.VideoCapture, finite: bool) -> bool:
        """The next frame; a file begins again at its end."""
        if capture.grab():
            return True
        again = finite and self.last_frame is not None and capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
        return again and capture.grab()

    def _fits(self, width: int, height: int) -> bool:
        self.width, self.height = width, height
        if width > self._limits.max_width or height > self._limits.max_height:
            self.error = gettext_noop("the resolution is above the limit")
            return False
        return True

    def _deliver(self, capture: cv2.VideoCapture) -> bool:
        """False when the source must end.

        Each call into OpenCV gives up the interpreter's lock and waits for it again, which a busy event loop makes
        long: so there are no more of them than a frame needs.
        """
        now = time.monotonic()
        captured_ms = time.time_ns() // 1_000_000
        self.last_frame = now
        self._sink.seen()
        due = [profile for profile in self._sink.wanted() if self._rate(profile).due(now)]
        if not due and not self._sink.wants_image():
            return True
        ok, picture = capture.retrieve()
        if not ok:
            return True
        image = np.asarray(picture, np.uint8)
        if not self._fits(image.shape[1], image.shape[0]):
            return False
        if self._sink.wants_image():
            self._sink.image(image)
        for profile in due:
            jpeg = encode(image, profile)
            if jpeg is not None:
                self._sink.encoded(profile, jpeg, captured_ms)
        return True

    def _rate(self, profile: Profile) -> "Rate":
        if profile not in self._rates:
            fps = min(profile.fps, self._limits.max_fps)
            # A third of a second at once, so that a source at just the highest rate loses nothing to jitter.
            self._rates[profile] = Rate(fps, burst=max(1.0, fps / 3))
        return self._rates[profile]


class Rate:
    """Lets through at most ``fps`` a second on the average, and ``burst`` at once."""

    def __init__(self, fps: float, burst: float) -> None:
        self._fps = fps
        self._burst = burst
        self._credit = burst
        self._last: float | None = None

    def due(self, now: float) -> bool:
        if self._last is not None:
            self._credit = min(self._burst, self._credit + (now - self._last) * self._fps)
        self._last = now
        if self._credit < 1.0:
            return False
        self._credit -= 1.0
        return True


class Pace:
    """A file is as fast as its own clock. After a pause longer than a second it does not race to catch up."""

    def __init__(self, fps: float) -> None:
        self._period = 1.0 / fps
        self._due = time.monotonic()

    def delay(self) -> float:
        """Seconds to wait before the next frame."""
        now = time.monotonic()
        self._due += self._period
        if now - self._due > 1.0:
            self._due = now
        return max(0.0, self._due - now)


def encode(image: Image, profile: Profile) -> bytes | None:
    """JPEG of the picture in the profile's size and quality; None if it cannot be encoded."""
    height, width = image.shape[:2]
    if profile.width:
        scale = min(profile.width / width, profile.height / height)
        if scale < 1:
            size = (max(2, round(width * scale)), max(2, round(height * scale)))
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    ok, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, profile.quality])
    return jpeg.tobytes() if ok else None

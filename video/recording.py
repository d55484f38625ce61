"""Recording into files of a few minutes each, and forgetting the oldest.

A recording is another consumer of the raw picture with a slot for one: when the disk is slow it drops frames and
slows nobody. Files have a fixed frame rate, so pictures are repeated or skipped to keep to the wall clock.
MPEG-4 part 2 in .mp4 is what the OpenCV wheel can write at 4-5 ms of CPU per 720p frame (VP8: 30 ms, run here).
"""

import logging
import re
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
from django.conf import settings

from video.capture import Image
from video.limits import Limits

logger = logging.getLogger("video")

_SEGMENT = re.compile(r"[0-9]{8}T[0-9]{6}Z\.mp4")
_UNFINISHED = ".part.mp4"


@dataclass(frozen=True, slots=True)
class Segment:
    """One file: name, start (UTC) and size in bytes."""

    name: str
    started: datetime
    size: int


def folder(source_id: int) -> Path:
    return Path(settings.VAR_DIR) / "recordings" / str(source_id)


def segments(source_id: int) -> list[Segment]:
    """Finished segments, the newest first."""
    found = []
    for path in folder(source_id).glob("*.mp4"):
        if _SEGMENT.fullmatch(path.name):
            started = datetime.strptime(path.stem, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            found.append(Segment(path.name, started, path.stat().st_size))
    return sorted(found, key=lambda segment: segment.name, reverse=True)


def segment_path(source_id: int, name: str) -> Path | None:
    """The file of a finished segment; None when there is none of this name."""
    path = folder(source_id) / name
    return path if _SEGMENT.fullmatch(name) and path.is_file() else None


def forget(source_id: int) -> None:
    """Delete all recordings of a source."""
    directory = folder(source_id)
    if directory.is_dir():
        for path in directory.glob("*.mp4"):
            path.unlink(missing_ok=True)
        directory.rmdir()


class Recorder:
    """Writes what it is offered until closed."""

    def __init__(self, source_id: int, limits: Limits) -> None:
        self._source_id = source_id
        self._limits = limits
        self._image: Image | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="video-recorder", daemon=True)
        directory = folder(source_id)
        directory.mkdir(parents=True, exist_ok=True)
        for left in directory.glob(f"*{_UNFINISHED}"):
            left.unlink(missing_ok=True)
        self._thread.start()

    def offer(self, image: Image) -> None:
        """The newest picture; replaces one that was not written yet. The array must not be changed afterwards."""
        with self._changed:
            self._image = image
            self._changed.notify()

    def close(self) -> None:
        """Finish the file that is being written."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _next(self) -> Image | None:
        with self._changed:
            while self._image is None and not self._closing:
                self._changed.wait()
            image, self._image = self._image, None
            return image

    def _run(self) -> None:
        open_file: _File | None = None
        while (image := self._next()) is not None:
            try:
                if open_file and not open_file.takes(image):
                    open_file.finish()
                    open_file = None
                    self._retain()
                if open_file is None:
                    open_file = _File(folder(self._source_id), image, self._limits)
                open_file.write(image)
            except (OSError, cv2.error):
                logger.exception("source %s: the recording cannot be written", self._source_id)
                open_file = None
                time.sleep(1.0)
        if open_file:
            open_file.finish()
        self._retain()

    def _retain(self) -> None:
        """Delete segments that are too old, and the oldest while all together are too large."""
        oldest = time.time() - self._limits.record_hours * 3600
        room = self._limits.record_megabytes * 1024 * 1024
        for segment in segments(self._source_id):
            room -= segment.size
            if room < 0 or segment.started.timestamp() < oldest:
                (folder(self._source_id) / segment.name).unlink(missing_ok=True)


class _File:
    """One segment being written; it takes its name when it is finished."""

    def __init__(self, directory: Path, image: Image, limits: Limits) -> None:
        self._limits = limits
        self._shape = image.shape
        self._written = 0
        self._started = time.monotonic()
        name = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        self._path = directory / f"{name}.mp4"
        self._part = directory / f"{name}{_UNFINISHED}"
        height, width = image.shape[:2]
        self._writer = cv2.VideoWriter(
            str(self._part), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), limits.record_fps, (width, height)
        )
        if not self._writer.isOpened():
            raise OSError("the video file cannot be opened")

    def takes(self, image: Image) -> bool:
        """Whether the picture belongs into this file: same size, and the file is not long enough yet."""
        return image.shape == self._shape and time.monotonic() - self._started < self._limits.record_segment

    def write(self, image: Image) -> None:
        due = int((time.monotonic() - self._started) * self._limits.record_fps) + 1
        # After a long gap the picture is not repeated for all of it.
        for _ in range(min(due - self._written, int(self._limits.record_fps) or 1)):
            self._writer.write(image)
        self._written = max(self._written, due)

    def finish(self) -> None:
        self._writer.release()
        self._part.replace(self._path)

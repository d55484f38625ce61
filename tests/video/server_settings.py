"""Settings of the web servers that the tests start as children: the project's own, with short times.

DATABASE_URL names the tests' database, VAR_DIR a directory of their own.
"""

import json
import os

from integram.settings import *  # noqa: F403
from integram.settings import DATABASES, STORAGES

# The tests' server has room for many processes, so each takes a few connections only.
DATABASES["default"]["OPTIONS"]["pool"]["max_size"] = 4
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# The pages' files as they lie in static/, without collectstatic.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

VIDEO_ALLOWED_NETS = ["127.0.0.0/8"]
VIDEO_OPEN_TIMEOUT = 2.0
VIDEO_READ_TIMEOUT = 2.0
VIDEO_SEND_TIMEOUT = 4.0
VIDEO_LINGER = 2.0
VIDEO_BACKOFF_LAST = 2.0
VIDEO_RECHECK = 2.0
VIDEO_RECORD_SEGMENT = 2.0
VIDEO_MAX_VIEWERS_PER_USER = 200
VIDEO_MAX_SOURCES = 50
globals().update(json.loads(os.environ.get("TEST_VIDEO_SETTINGS", "{}")))

"""The project's settings for the tests: a data directory and a database of their own.

``TEST_DATABASE_URL`` runs them on another server than the embedded one.
"""

import os
from pathlib import Path

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parent.parent / "var" / "test"))
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")
os.environ["REDIS_URL"] = ""

from integram.settings import *  # noqa: F403
from integram.settings import DATABASES, STATIC_ROOT, STORAGES

# Several runs at once, in one checkout too: each has a database named for its first process, which the workers of
# pytest-xdist inherit (pytest-django adds the worker's name).
RUN = os.environ.setdefault("INTEGRAM_TEST_RUN", str(os.getpid()))
DATABASES["default"]["TEST"] = {"NAME": f"test_integram_{RUN}"}
# A pool would hold connections to a database that is to be dropped.
del DATABASES["default"]["OPTIONS"]["pool"]

STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns where it is missing
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False  # client.login() has no request; the test of lock-out turns it on
# Tests call more than anybody may; those of the limits set their own.
API_RATE_TOKEN = API_RATE_ADDRESS = API_RATE_FAILURES = 0
# Nothing is written after a request that the request did not write; the tests of it write themselves.
COUNT_COLUMN_USES = False

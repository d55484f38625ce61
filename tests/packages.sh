#!/bin/sh
# Debian's packages that some tests need. Root installs the missing ones; for others, and where there is no apt, it says
# which tests are skipped. Each test that needs one of them looks for it itself and skips with a reason.
set -eu

missing=""
skipped=""

# need WHAT-TO-CHECK-WITH PACKAGES TESTS
need() {
  if ! sh -c "$1" >/dev/null 2>&1; then
    missing="$missing $2"
    skipped="$skipped
  $3 (Debian: $2)"
  fi
}

rtsp='import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer'
need 'command -v chromium' 'chromium fonts-dejavu-core' 'browser tests'
need 'command -v redis-server' 'redis-server' 'tests of several processes over Redis'
need 'command -v msgfmt' 'gettext' 'tests of the translations'
need 'ls /usr/lib/postgresql/*/bin/initdb' 'postgresql' 'tests on an older PostgreSQL'
need "/usr/bin/python3 -c '$rtsp' && gst-inspect-1.0 x264enc && gst-inspect-1.0 rtspclientsink && gst-inspect-1.0 timeoverlay" \
  'gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-rtsp gstreamer1.0-x' \
  'video tests with a real RTSP server'

[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "Not root, or no apt: these tests are skipped:$skipped"
  exit 0
fi

echo "Installing for the tests:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# Debian would start the servers it installs; the tests start their own. policy-rc.d is how it is told not to.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy" "$log"' EXIT
fi
# The words of $missing are package names.
# shellcheck disable=SC2086
if ! { apt-get -q update && apt-get -q -y install --no-install-recommends $missing; } >"$log" 2>&1; then
  tail -n 5 "$log"
  echo "They could not be installed: these tests are skipped:$skipped"
fi

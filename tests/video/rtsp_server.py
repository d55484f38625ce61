"""H.264 over RTSP for tests: rtsp://127.0.0.1:PORT/live. Run with the system's /usr/bin/python3 (needs gi)."""
import argparse
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
p = argparse.ArgumentParser()
p.add_argument("--port", default="8554"); p.add_argument("--size", default="640x360"); p.add_argument("--fps", type=int, default=30)
p.add_argument("--user"); p.add_argument("--password")
a = p.parse_args()
w, h = a.size.split("x")
Gst.init(None)
server = GstRtspServer.RTSPServer.new(); server.set_address("127.0.0.1"); server.set_service(a.port)
f = GstRtspServer.RTSPMediaFactory.new()
f.set_launch(f"( videotestsrc is-live=true pattern=ball ! video/x-raw,width={w},height={h},framerate={a.fps}/1 ! timeoverlay ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={a.fps} ! rtph264pay name=pay0 pt=96 )")
f.set_shared(True)
if a.user:
    auth = GstRtspServer.RTSPAuth.new(); t = GstRtspServer.RTSPToken.new(); 
    t.set_string("media.factory.role", "user")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(a.user, a.password), t); server.set_auth(auth)
    perms = GstRtspServer.RTSPPermissions.new(); perms.add_role("user"); perms.add_permission_for_role("user","media.factory.access",True); perms.add_permission_for_role("user","media.factory.construct",True); f.set_permissions(perms)
server.get_mount_points().add_factory("/live", f)
server.attach(None)
print("ready", flush=True)
GLib.MainLoop().run()

"""HTTP addresses of live video: the wire contract's calls, those that extend them, and the pages."""

from django.urls import path

from video import mjpeg, pages, rest

urlpatterns = [
    path("video/", pages.wall, name="video-wall"),
    path("video/player/<int:source_id>", pages.player, name="video-player"),
    path("video/player/<int:source_id>/disconnect", pages.disconnect, name="video-disconnect"),
    path("video/connect", rest.ConnectView.as_view()),
    path("video/disconnect/<str:drone_id>", rest.DisconnectView.as_view()),
    path("video/info/<str:drone_id>", rest.InfoView.as_view(), name="video-info"),
    path("video/stats", rest.StatsView.as_view(), name="video-stats"),
    path("video/stream/<str:drone_id>", mjpeg.stream, name="video-stream"),
    path("video/ticket/<str:drone_id>", rest.TicketView.as_view()),
    path("video/snapshot/<str:drone_id>", rest.SnapshotView.as_view(), name="video-snapshot"),
    path("video/recordings/<str:drone_id>", rest.RecordingsView.as_view()),
    path("video/recordings/<str:drone_id>/<str:name>", rest.RecordingView.as_view()),
    path("video/player/<int:source_id>/recordings/<str:name>", pages.segment, name="video-recording"),
    path("video/saved/<slug:workspace>/<int:record_id>/<str:name>", rest.SavedView.as_view(), name="video-saved"),
]

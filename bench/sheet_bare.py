"""A bare SlickGrid over rows that are in the page: what the grid itself costs, without a server, rights or saving."""

import functools
import http.server
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = """<!doctype html><meta charset="utf-8"><title>bare</title>
<link rel="stylesheet" href="/static/css/tokens.css"><link rel="stylesheet" href="/static/css/sheet.css">
<div data-grid class="live" style="height: 640px"></div>
<script type="module">
import { SlickGrid, SlickHybridSelectionModel } from "/static/vendor/slickgrid@5.20.2/slickgrid.js";
const rows = ROWS, columns = Array.from({ length: COLUMNS }, (_, at) => ({ id: at, name: `c${at}`, field: at, width: 140 }));
const held = new Map();
const source = {
  getLength: () => rows,
  getItem(at) {
    if (!held.has(at)) held.set(at, columns.map((_, column) => `${at}:${column}`));
    return held.get(at);
  },
};
const grid = new SlickGrid(document.querySelector("[data-grid]"), source, columns, { rowHeight: 28, editable: true, enableColumnReorder: false });
grid.setSelectionModel(new SlickHybridSelectionModel());
globalThis.grid = grid;
</script>"""


class Bare:
    """Serves the page at ``url`` until ``stop``."""

    def __init__(self, rows: int, columns: int) -> None:
        body = PAGE.replace("ROWS", str(rows)).replace("COLUMNS", str(columns)).encode()

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path != "/":
                    super().do_GET()
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_parts: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=str(ROOT))
        )
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def stop(self) -> None:
        self._server.shutdown()

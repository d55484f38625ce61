"""The sheet in Chromium, beside a bare SlickGrid over rows that are in its page.

    .venv/bin/python -m bench.sheet [--rounds 7] [--build SIZE] [--read-only]

Both pages are opened in turn within one run, in one browser, so that the ratios hold where the milliseconds do not.
Goals (issue 5): jump to the middle under 300 ms and at most twice the bare page; p95 of a frame while scrolling under
50 ms; a flat heap; no layout shift. Takes the records an earlier bench has built (``--build`` makes them);
``--read-only``: nothing is pasted into them.
"""

import argparse
import itertools
import os
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parents[1] / "var" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import django
from django.conf import settings

from integram import embedded

PROBE = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--enable-precise-memory-info"]
COLUMNS = 12
PASTED = 10_000
#: Columns of the dataset by which the sheet is sorted for further jumps; '' its own order.
ORDERS = {"the table's own": "", "a number": "Сумма", "a text": "Город"}
#: Times the wandering is done between two looks at the heap.
WANDERINGS = (1, 1, 2)


@dataclass
class Told:
    """What one page has told, over the rounds; ms, MB of heap, and shift as the browser scores it."""

    first: list[float] = field(default_factory=list)
    jump: list[float] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    heap: list[float] = field(default_factory=list)
    shift: list[float] = field(default_factory=list)


def visit(context: Any, url: str, ready: str, rows: int, turn: int, told: Told) -> Any:
    """Open the page once and ask it everything; gives the page, still open."""
    page = context.new_page()
    page.add_init_script(PROBE)
    page.goto(url)
    page.wait_for_function(ready)
    page.wait_for_function("() => bench.first !== null")
    told.first.append(page.evaluate("bench.first"))
    page.wait_for_timeout(500)
    told.shift.append(page.evaluate("bench.shift"))  # before anything is scrolled by a script
    told.jump.append(page.evaluate("row => bench.jump(row)", rows // 2 + turn * 7919))
    told.frames += page.evaluate("bench.scroll(120)")
    page.locator(".slick-row:nth-child(3) > .slick-cell.l2").first.click()
    for letter in "abcde":
        page.keyboard.press(letter)
        page.wait_for_timeout(60)
    page.keyboard.press("Escape")
    told.keys += page.evaluate("bench.keys")
    return page


def heap(page: Any) -> float:
    """MB in use after a collection."""
    session = page.context.new_cdp_session(page)
    for _again in range(2):
        session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def wandered(page: Any, rows: int, told: Told) -> None:
    """Heap before and after forty places all over the table and 600 frames of scrolling, once, twice, four times."""
    told.heap.append(heap(page))
    places = (at * 611_953 % (rows - 10_000) for at in itertools.count())
    for times in WANDERINGS:
        for _again in range(times):
            for row in itertools.islice(places, 40):
                page.evaluate("row => bench.jump(row)", row)
            page.evaluate("bench.scroll(600)")
        told.heap.append(heap(page))


def far(context: Any, url: str, ready: str, rows: int) -> list[float]:
    """ms of jumps in one order: the first, half a second after the page stands, then others, last to the last row."""
    page = context.new_page()
    page.add_init_script(PROBE)
    page.goto(url)
    page.wait_for_function(ready)
    page.wait_for_timeout(500)
    places = [rows // 2, *(rows // 2 + at * rows // 23 for at in range(-6, 7, 2)), rows - 1]
    found = []
    for row in places:
        found.append(page.evaluate("row => bench.jump(row)", row))
        page.wait_for_timeout(300)
    page.close()
    return found


def pasted(page: Any) -> dict[str, float]:
    """10,000 cells into new rows below the last, where they stay: each run leaves the table some 800 rows longer."""
    width = min(COLUMNS, page.evaluate("document.querySelector('.sheet').sheet.grid.getColumns().length") - 1)
    types = page.evaluate("document.querySelector('.sheet').sheet.grid.getColumns().slice(1).map(c => c.spec.type)")[
        :width
    ]
    said = {"number": "7", "date": "01.02.2024", "datetime": "01.02.2024 10:00", "boolean": "да", "reference": ""}
    line = "\t".join(said.get(kind, "вставка") for kind in types)
    found: dict[str, float] = page.evaluate("text => bench.paste(text)", "\n".join([line] * (PASTED // width)))
    return found


def ladders_made(dataset: Any) -> str:
    """Let the worker's hand make the ladders, as it does every five minutes; what they cost, and what a place costs by
    them in the order of a text (where a hit of Ctrl+F stands) and by a walk from the start."""
    from bench.dataset import SLUG
    from qdm.access import ALL_ACTIONS, Access, Actor
    from qdm.managers import ladders, statements
    from qdm.query.ast import Query, Sort
    from qdm.query.compiler import Compiler
    from qdm.query.cursor import Cursor
    from qdm.selectors import records, structure

    begun = time.monotonic()
    made = ladders.tend(f"ws_{SLUG}")
    took = time.monotonic() - begun
    access = Access(Actor(None, "bench"), structure.schema(SLUG), ALL_ACTIONS)
    term, query = access.term(dataset.term_id), Query(sorts=(Sort(dataset.columns[ORDERS["a text"]]),), limit=1)
    compiler = Compiler(access)
    by_ladder, walked = [], []
    for part in range(1, 6):
        (record,) = records.page(term.id, Query(limit=1, offset=dataset.size * part // 7), access=access).records
        begun = time.monotonic()
        place = records.position(record.id, term.id, query, access=access)
        by_ladder.append((time.monotonic() - begun) * 1000)
        begun = time.monotonic()
        keys = statements.row(*compiler.keys_of(term, query, record.id))
        assert keys is not None
        assert statements.row(*compiler.position(term, query, Cursor(keys, record.id))) == (place,)
        walked.append((time.monotonic() - begun) * 1000)
    return (
        f"{made} ladders were made in {took:.1f} s; before that, and after 2,000 changes, a page climbs its own. The place of a "
        f"row in the order of a text: {statistics.median(by_ladder):.0f} ms by its ladder (longest "
        f"{max(by_ladder):.0f}), {statistics.median(walked):.0f} ms by a walk from the start."
    )


def table(ours: Told, bare: Told, paste: dict[str, float] | None, orders: dict[str, list[float]], rounds: int) -> str:
    def p95(values: list[float]) -> float:
        return sorted(values)[int(len(values) * 0.95)]

    measures = [
        ("first row visible, ms (median)", statistics.median(ours.first), statistics.median(bare.first)),
        ("jump to the middle, ms (median)", statistics.median(ours.jump), statistics.median(bare.jump)),
        ("jump to the middle, ms (longest)", max(ours.jump), max(bare.jump)),
        ("frame while scrolling, ms (median)", statistics.median(ours.frames), statistics.median(bare.frames)),
        ("frame while scrolling, ms (p95)", p95(ours.frames), p95(bare.frames)),
        ("key to paint, ms (median)", statistics.median(ours.keys), statistics.median(bare.keys)),
        ("key to paint, ms (p95)", p95(ours.keys), p95(bare.keys)),
        ("heap, MB, before wandering", ours.heap[0], bare.heap[0]),
        ("… after 40 jumps and 600 frames", ours.heap[1], bare.heap[1]),
        ("… after twice that", ours.heap[2], bare.heap[2]),
        ("… after four times that", ours.heap[3], bare.heap[3]),
        ("layout shift (largest)", max(ours.shift), max(bare.shift)),
    ]
    lines = ["| | sheet | bare SlickGrid | ratio |", "|---|---|---|---|"]
    lines += [f"| {name} | {a:.4g} | {b:.4g} | {f'{a / b:.2f}' if b else ''} |" for name, a, b in measures]
    if paste is not None:
        lines += [
            f"| {PASTED:,} cells pasted into new rows: on the screen, ms | {paste['shown']:.0f} | | |",
            f"| … saved, ms | {paste['saved']:.0f} | | |",
            f"| … longest frame meanwhile, ms | {paste['longest']:.0f} | | |",
        ]
    lines += ["", "| jumps in the order of | first, to the middle, ms | others, median | longest | to the last row |"]
    lines += ["|---|---|---|---|---|"]
    lines += [
        f"| {name} | {first:.0f} | {statistics.median(others):.0f} | {max(others):.0f} | {last:.0f} |"
        for name, (first, *others, last) in orders.items()
    ]
    lines += [
        "",
        f"{rounds} rounds in turn, headless Chromium without a GPU at 1280 x 800. The bare page has its rows in memory, as many "
        "columns, and no server, rights, formats or saving; the sheet is in the table's own order, signed in, with its server "
        "on the same two cores. A jump ends when the frame that shows its row filled is painted, on both. Jumps in an order "
        "begin half a second after the page stands. Goals: jump under 300 ms and at most twice the bare page, p95 of a frame "
        "under 50 ms, heap flat, no shift.",
    ]
    return "\n".join(lines)


def measure(url: str, session: str, rows: int, rounds: int, columns: dict[str, int], *, read_only: bool) -> str:
    from playwright.sync_api import sync_playwright

    from bench.sheet_bare import Bare

    bare_page = Bare(rows, COLUMNS)
    ours, bare, paste = Told(), Told(), None
    ready = "() => document.querySelector('.sheet[data-ready=true]') !== null"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ru-RU")
        context.set_default_timeout(60_000)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
        for turn in range(rounds):
            for told, address, until in (
                (ours, url, ready),
                (bare, bare_page.url, "() => globalThis.grid !== undefined"),
            ):
                page = visit(context, address, until, rows, turn, told)
                if turn == rounds - 1:
                    wandered(page, rows, told)
                if turn == rounds - 1 and told is ours and not read_only:
                    paste = pasted(page)
                page.close()
        orders = {
            name: far(context, f"{url}?sort={columns[column]}" if column else url, ready, rows)
            for name, column in ORDERS.items()
        }
        browser.close()
    bare_page.stop()
    return table(ours, bare, paste, orders, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--build", type=int, default=0, metavar="SIZE")
    parser.add_argument("--read-only", action="store_true")
    given = parser.parse_args()
    with embedded.running(settings.VAR_DIR):
        django.setup()
        from django.core.management import call_command
        from django.db import connections
        from django.test import Client

        from bench import report
        from bench.dataset import SLUG, build, standing
        from bench.rest import Server
        from rbac.models import User

        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        if given.build:
            build(given.build)
            return
        dataset = standing()
        about_ladders = ladders_made(dataset)
        user, _new = User.objects.get_or_create(username="bench", defaults={"is_superuser": True})
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        connections["default"].close()
        connections["default"].close_pool()
        web = Server()
        try:
            url = f"http://127.0.0.1:{web.port}/w/{SLUG}/t/{dataset.term_id}/"
            body = measure(url, session, dataset.size, given.rounds, dataset.columns, read_only=given.read_only)
        finally:
            web.stop()
        body += f"\n\n{about_ladders}"
        # Each size has its section; the rows that runs have pasted do not make another.
        report.write(f"The sheet in Chromium, {round(dataset.size, 2 - len(str(dataset.size))):,} rows", body)


if __name__ == "__main__":
    main()

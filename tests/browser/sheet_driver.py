"""Drives the spreadsheet as a person does: real key events, on the Russian layout too."""

import re
from typing import Any

from playwright.sync_api import Page, expect

#: Letters of the Russian layout and the keys they are on.
RUSSIAN = dict(zip("йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.", strict=True))
PLACES = {"[": "BracketLeft", "]": "BracketRight", ";": "Semicolon", "'": "Quote", ",": "Comma", ".": "Period"}
CONTROL = 2  #: bit of Ctrl among the modifiers of the protocol


class SheetDriver:
    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.keys = page.context.new_cdp_session(page)
        page.goto(url)
        page.wait_for_selector("[data-ready=true]")

    def cell(self, row: int, column: str) -> Any:
        """The cell of the row (from 0) under the heading."""
        return self.page.locator(f".slick-row[data-row='{row}'] > .slick-cell.l{self._place(column)}")

    def _place(self, column: str) -> int:
        self.page.wait_for_selector("[data-ready=true]")
        names = self.page.locator(".slick-header-column").all_inner_texts()
        return [name.strip().removesuffix("*").strip() for name in names].index(column)

    def heading(self, column: str) -> Any:
        return self.page.locator(f".slick-header-column:nth-child({self._place(column) + 1})")

    def go(self, row: int, column: str) -> Any:
        cell = self.cell(row, column)
        cell.click(position={"x": 4, "y": 4})  # beside a tick, which a click would change
        return cell

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Key by key; Cyrillic letters come from the keys of the Russian layout, as the system sends them."""
        for letter in text:
            if (latin := RUSSIAN.get(letter.lower())) is None:
                self.page.keyboard.type(letter)
            else:
                self._russian(letter, latin)

    def command_on_russian_layout(self, letter: str) -> None:
        """Ctrl and the key of a Russian letter: ``я`` is where Z is."""
        self._russian(letter, RUSSIAN[letter], CONTROL)

    def _russian(self, letter: str, latin: str, modifiers: int = 0) -> None:
        event = {
            "key": letter,
            "code": PLACES.get(latin, f"Key{latin.upper()}"),
            "windowsVirtualKeyCode": ord(latin.upper()) if latin.isalpha() else 0,
            "modifiers": modifiers,
        }
        text = {} if modifiers else {"text": letter, "unmodifiedText": letter}
        self.keys.send("Input.dispatchKeyEvent", {"type": "keyDown", **event, **text})
        self.keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})

    def expect_saved(self) -> None:
        expect(self.page.locator("[data-saving][data-state=saved]")).to_be_attached()

    def expect_refused(self, row: int, column: str) -> Any:
        """The cell shows that it was not saved, and why."""
        cell = self.cell(row, column)
        expect(cell).to_have_class(re.compile("refused"))
        expect(cell).to_have_attribute("aria-invalid", "true")
        return cell

    def active(self) -> tuple[int, int]:
        at = self.page.evaluate("document.querySelector('.sheet').sheet.grid.getActiveCell()")
        return at["row"], at["cell"]

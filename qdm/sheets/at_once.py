"""A file imported at once, for a caller who waits: a command, the demo."""

import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from qdm.access import Access
from qdm.sheets.checking import check
from qdm.sheets.infer import infer
from qdm.sheets.into import into_term, only_sheet
from qdm.sheets.load import Report, load
from qdm.sheets.proposal import Proposal
from qdm.sheets.pulse import NoPulse
from qdm.sheets.supervisor import read_file
from qdm.sheets.worker import refresh_statistics
from qdm.types.base import Locale
from qdm.types.files import clean_name


def import_file(
    path: Path,
    *,
    access: Access,
    accept: Callable[[Proposal], Proposal | None] = lambda proposal: proposal,
    sheet: str = "",
    into: int | None = None,
    locale: Locale | None = None,
) -> tuple[Proposal, Report | None]:
    """Read, propose and load a file at once: for commands and the demo.

    ``accept`` gets the proposal and returns what is to be done, None for nothing.

    Raises UnreadableFile, BadMapping, Forbidden and whatever the load raises; then nothing was written.
    """
    folder = Path(settings.VAR_DIR) / "uploads" / uuid.uuid4().hex
    folder.mkdir(parents=True, mode=0o700)
    try:
        name = clean_name(path.name)
        reading = read_file(path, folder, Path(name).stem)
        plan = infer(name, reading, folder, schema=access.schema, locale=locale or Locale())
        if into is not None:
            plan = into_term(plan, access.term(into), sheet)
        elif sheet:
            plan = only_sheet(plan, sheet)
        accepted = accept(plan)
        if accepted is None:
            return plan, None
        check(accepted, access)
        report = load(accepted, folder, access, NoPulse())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    refresh_statistics(report, access)
    return accepted, report

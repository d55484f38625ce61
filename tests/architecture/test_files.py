"""One idea a file: short enough to read at once, named for what it is."""

from tests.architecture.sources import PACKAGES, ROOT, written

LONGEST = 400  # lines
#: Names that say nothing about what is inside.
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "misc", "data", "obj", "info"}


def test_no_file_is_longer_than_400_lines() -> None:
    long = {str(path): lines for path in written() if (lines := _lines(path)) > LONGEST}
    assert long == {}


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    nameless = [str(path) for path in written() if FORBIDDEN & {part.partition(".")[0] for part in path.parts}]
    assert nameless == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path)
        for path in written({".py"}, PACKAGES)
        if (text := (ROOT / path).read_text(encoding="utf-8")).strip() and not text.lstrip().startswith(('"""', 'r"""'))
    ]
    assert silent == []


def _lines(path: object) -> int:
    return len((ROOT / str(path)).read_text(encoding="utf-8").splitlines())

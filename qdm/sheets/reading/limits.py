"""What is still a workbook and what is an attack. Figures: IO.md 1.4, measured on real and hostile files."""

MIB = 1 << 20

MAX_INFLATED = 2048 * MIB
#: Inflated to packed size of the archive; a real workbook has 5-10, a repetitive one 40.
MAX_RATIO = 100
#: Below this inflated size the ratio does not matter.
RATIO_FREE = 16 * MIB
MAX_PARTS = 2_000
MAX_SHEETS = 200
MAX_COLUMNS = 1_000
MAX_ROWS = 1_048_576
#: Text files have no such bound of their own.
MAX_TEXT_ROWS = 5_000_000
MAX_BOX = 60_000_000
#: A box above this many cells must be filled to at least one cell in MAX_SPARSITY.
SPARSE_FREE = 1_000_000
MAX_SPARSITY = 200
#: Boxes above this are streamed by openpyxl: calamine holds the whole sheet, about 80 bytes a cell.
MAX_DENSE = 8_000_000
#: XML of a sheet, in bytes, that calamine may begin with while it is still scanned.
BESIDE_MIN, BESIDE_MAX = 4 * MIB, 400 * MIB
#: Memory it may take until then, beside three times the content.
BESIDE_BASE = 32 * MIB
MAX_FIELD = MIB
#: Rows looked at for number formats.
HINT_ROWS = 1_000
#: Rows between two progress lines.
PROGRESS_ROWS = 5_000

#: Address space of the child: interpreter and libraries, plus what calamine needs (1.7 x the XML, measured).
MEMORY_BASE = 512 * MIB
MEMORY_FACTOR = 4
MEMORY_MAX = 4096 * MIB
CPU_BASE = 20
#: CPU seconds for each MiB of content; openpyxl streams about 7 MiB of XML a second.
CPU_PER_MIB = 0.5

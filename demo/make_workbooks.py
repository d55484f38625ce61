"""Make the demo's workbooks: `python -m demo.make_workbooks`. Same code, same files, byte for byte."""

from pathlib import Path
from random import Random

from demo import recruiting
from demo.workbook import save

HERE = Path(__file__).parent


def main(folder: Path = HERE) -> None:
    save(folder / "recruiting.xlsx", "Кадровое агентство", "Кадры Волга", recruiting.sheets(Random(1)))


if __name__ == "__main__":
    main()

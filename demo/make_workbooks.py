"""Make the demo's workbooks: `python -m demo.make_workbooks`. Same code, same cells."""

from pathlib import Path
from random import Random

from demo import mail_reports, recruiting_sheets, shop_sheets
from demo.production import Holding
from demo.recruiting import Agency
from demo.shops import Trade
from demo.workbook import save

HERE = Path(__file__).parent


def main(folder: Path = HERE) -> None:
    agency, holding, trade = Agency(Random(1)), Holding(Random(2)), Trade(Random(4))
    save(folder / "recruiting.xlsx", "Кадровое агентство", "Кадры Волга", recruiting_sheets.sheets(agency))
    save(folder / "production.xlsx", "Выпуск продукции", "СтройРесурс", holding.sheets())
    save(folder / "shops.xlsx", "Мои магазины", "Мои магазины", shop_sheets.sheets(trade))
    mail_reports.save(folder / "mail", holding, Random(3))


if __name__ == "__main__":
    main()

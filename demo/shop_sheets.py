"""The sheets of the shops' workbook."""

from dataclasses import astuple

from demo.shops import DELIVERIES, STATUSES, Trade
from demo.workbook import Column, Sheet


def sheets(trade: Trade) -> list[Sheet]:
    return [
        Sheet(
            "Заказы",
            (
                Column("Номер", 20),
                Column("Дата и время", 17, "datetime"),
                Column("Магазин", 34),
                Column("Покупатель", 28),
                Column("Телефон", 19, "text"),
                Column("Город", 18),
                Column("Доставка", 14, choices=DELIVERIES),
                Column("Стоимость доставки", 11, "rubles"),
                Column("Оплата", 15),
                Column("Статус", 22, choices=STATUSES),
                Column("Сумма", 14, "money"),
                Column("Трек-номер", 17, "text"),
                Column("Комментарий", 38),
            ),
            [astuple(row) for row in trade.orders],
        ),
        Sheet(
            "Позиции заказа",
            (
                Column("Заказ", 20),
                Column("Товар", 48),
                Column("Количество", 11),
                Column("Цена", 12, "rubles"),
                Column("Скидка", 9, "percent"),
                Column("Сумма", 14, "money"),
            ),
            [astuple(row) for row in trade.items],
            "#7A4FB5",
        ),
        Sheet(
            "Магазины",
            (
                Column("Магазин", 34),
                Column("Марка", 22),
                Column("Площадка", 16),
                Column("Категория", 17),
                Column("Менеджер", 34),
                Column("Открыт", 12, "date"),
                Column("Комиссия", 10, "percent1"),
                Column("Ссылка", 52),
                Column("Состояние", 15, choices=("Работает", "Приостановлен")),
            ),
            [astuple(row) for row in trade.shops],
            "#2E8B57",
        ),
        Sheet(
            "Товары",
            (
                Column("Товар", 48),
                Column("Артикул", 10, "text"),
                Column("Штрихкод", 16, "text"),
                Column("Категория", 17),
                Column("Поставщик", 26),
                Column("Закупочная цена", 13, "money"),
                Column("Цена", 12, "rubles"),
                Column("Остаток", 9, "int"),
                Column("Вес, кг", 8, "quantity"),
                Column("В продаже", 9, choices=("да", "нет")),
            ),
            [astuple(row) for row in trade.goods],
            "#B5651D",
        ),
        Sheet(
            "Поставщики",
            (
                Column("Поставщик", 26),
                Column("Форма", 8),
                Column("ИНН", 13, "text"),
                Column("Город", 18),
                Column("Контактное лицо", 34),
                Column("Телефон", 19, "text"),
                Column("E-mail", 36),
                Column("Отсрочка, дней", 10),
                Column("Работаем с", 12, "date"),
            ),
            [astuple(row) for row in trade.suppliers],
            "#B23A48",
        ),
        Sheet(
            "Сотрудники",
            (
                Column("Сотрудник", 34),
                Column("Должность", 22),
                Column("Телефон", 19, "text"),
                Column("E-mail", 34),
                Column("Дата рождения", 12, "date"),
                Column("Принят", 12, "date"),
                Column("Оклад", 12, "rubles"),
                Column("Уволен", 12, "date"),
            ),
            [astuple(row) for row in trade.staff],
            "#5F6B76",
        ),
    ]

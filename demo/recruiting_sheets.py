"""The sheets of the recruiting agency's workbook."""

from dataclasses import astuple, replace

from demo import recruiting_words as words
from demo.recruiting import Agency, rounded
from demo.recruiting_words import POSITIONS, STAGES
from demo.workbook import Column, Sheet


def sheets(agency: Agency) -> list[Sheet]:
    interviews = sorted(agency.interviews, key=lambda i: i.when)
    numbered = [astuple(replace(i, number=n)) for n, i in enumerate(interviews, start=1)]
    market = [(p.name, p.field, rounded(p.pay * 0.82), rounded(p.pay * 1.25), round(p.years)) for p in POSITIONS]
    return [
        Sheet(
            "Кандидаты",
            (
                Column("Кандидат", 36),
                Column("Дата рождения", 12, "date"),
                Column("Город", 18),
                Column("Телефон", 19, "text"),
                Column("E-mail", 32),
                Column("Должность", 32),
                Column("Опыт, лет", 8),
                Column("Зарплатные ожидания", 14, "rubles"),
                Column("Готов к переезду", 10, choices=("да", "нет")),
                Column("Английский", 15, choices=words.ENGLISH),
                Column("Источник", 18, choices=words.SOURCES),
                Column("Статус", 20, choices=words.STATUSES),
                Column("Рекрутёр", 34),
                Column("Вакансия", 46),
                Column("Добавлен", 12, "date"),
                Column("Последний контакт", 12, "date"),
                Column("Комментарий", 44),
            ),
            [astuple(c) for c in agency.candidates],
        ),
        Sheet(
            "Интервью",
            (
                Column("№", 7),
                Column("Кандидат", 36),
                Column("Вакансия", 46),
                Column("Этап", 24, choices=STAGES),
                Column("Дата и время", 17, "datetime"),
                Column("Формат встречи", 15),
                Column("Рекрутёр", 34),
                Column("Оценка", 8, choices=("1", "2", "3", "4", "5")),
                Column("Результат", 15, choices=words.RESULTS),
                Column("Заметки", 46),
            ),
            numbered,
            "#7A4FB5",
        ),
        Sheet(
            "Вакансии",
            (
                Column("Вакансия", 46),
                Column("Должность", 32),
                Column("Клиент", 26),
                Column("Город", 18),
                Column("Мест", 7),
                Column("Зарплата от", 12, "rubles"),
                Column("Зарплата до", 12, "rubles"),
                Column("Вознаграждение", 12, "percent"),
                Column("Рекрутёр", 34),
                Column("Состояние", 16),
                Column("Открыта", 12, "date"),
                Column("Закрыта", 12, "date"),
            ),
            [astuple(v) for v in agency.vacancies],
            "#2E8B57",
        ),
        Sheet(
            "Клиенты",
            (
                Column("Клиент", 26),
                Column("Форма", 8),
                Column("ИНН", 13, "text"),
                Column("КПП", 12, "text"),
                Column("Отрасль", 24),
                Column("Город", 18),
                Column("Адрес", 48),
                Column("Контактное лицо", 34),
                Column("Должность контакта", 26),
                Column("Телефон", 19, "text"),
                Column("E-mail", 34),
                Column("Договор", 13),
                Column("Дата договора", 12, "date"),
                Column("Ставка", 8, "percent"),
            ),
            [astuple(c) for c in agency.clients],
            "#B5651D",
        ),
        Sheet(
            "Рекрутёры",
            (
                Column("Рекрутёр", 34),
                Column("Роль", 22),
                Column("Направление", 18),
                Column("E-mail", 32),
                Column("Телефон", 19, "text"),
                Column("Работает с", 12, "date"),
                Column("План закрытий в месяц", 12),
                Column("Уволен", 12, "date"),
            ),
            [astuple(r) for r in agency.recruiters],
            "#B23A48",
        ),
        Sheet(
            "Должности",
            (
                Column("Должность", 42),
                Column("Направление", 18),
                Column("Рынок, от", 12, "rubles"),
                Column("Рынок, до", 12, "rubles"),
                Column("Средний опыт, лет", 10),
            ),
            market,
            "#5F6B76",
        ),
    ]

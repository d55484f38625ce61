"""Text of a filter, as an administrator types it, to the question tree and back.

    Рекрутёр = @me
    "Дата выхода" >= 2025-01-01 and (Статус in (Новый, "В работе") or not Отдел is empty)

A column is named bare, in double quotes or as ``#id``; a value is bare, in single or double quotes, or ``@variable``;
of a link also ``#id``, the row it leads to.
Words of the language are English or Russian, without case; ``and`` binds closer than ``or``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qdm.errors import BadFilter
from qdm.query.ast import And, Compare, FieldRef, Filter, Not, Op, Or

LIMIT = 1000  #: characters of a filter text
DEPTH = 20  #: brackets within brackets

TOKEN = re.compile(
    r"""\s*(?:
        "(?P<double>(?:[^"]|"")*)" | '(?P<single>(?:[^']|'')*)'
      | (?P<sign><=|>=|!=|<>|[=<>(),])
      | @(?P<variable>\w+)
      | \#(?P<id>[0-9]{1,18})\b
      | (?P<word>[^\s"'=<>!(),@]+)
    )""",
    re.VERBOSE,
)

AND = frozenset({"and", "и"})
OR = frozenset({"or", "или"})
NOT = frozenset({"not", "не"})
IS = "is"
BAD = frozenset({"bad", "ошибка"})
SIGNS: Mapping[str, Op] = {
    "=": Op.EQ,
    "!=": Op.NE,
    "<>": Op.NE,
    "<": Op.LT,
    "<=": Op.LE,
    ">": Op.GT,
    ">=": Op.GE,
}
WORDS: Mapping[str, Op] = {
    "in": Op.IN,
    "в": Op.IN,
    "between": Op.BETWEEN,
    "между": Op.BETWEEN,
    "contains": Op.CONTAINS,
    "содержит": Op.CONTAINS,
    "starts": Op.STARTS,
    "начинается": Op.STARTS,
    "ends": Op.ENDS,
    "заканчивается": Op.ENDS,
    "empty": Op.EMPTY,
    "пусто": Op.EMPTY,
}
RESERVED = frozenset({*AND, *OR, *NOT, *WORDS, IS})


@dataclass(frozen=True, slots=True)
class Variable:
    """``@name`` in the place of a value; whoever uses the filter says what it stands for."""

    name: str


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  #: double, single, sign, variable, id, word or end
    text: str

    def is_word(self, words: frozenset[str] | Mapping[str, Op]) -> bool:
        return self.kind == "word" and self.text.casefold() in words


END = Token("end", "")


def parse(text: str, *, limit: int = LIMIT) -> Filter:
    """The filter tree of a text; values are text, ``Variable``, the id of a linked row as an int, or a tuple of those
    for ``in`` and ``between``.

    Raises BadFilter, whose message names the place that is not understood.
    """
    if len(text) > limit:
        raise BadFilter(_("The filter is longer than %(limit)s characters.") % {"limit": limit})
    return _Parser(list(_tokens(text))).whole()


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if match is None:
            raise BadFilter(_("The filter is not understood at “%(place)s”.") % {"place": text[at : at + 20].strip()})
        kind = str(match.lastgroup)
        value = match[kind]
        if kind == "double":
            value = value.replace('""', '"')
        elif kind == "single":
            value = value.replace("''", "'")
        yield Token(kind, value)
        at = match.end()


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else END

    def take(self) -> Token:
        token = self.next
        self.at += 1
        return token

    def take_sign(self, sign: str) -> bool:
        if self.next == Token("sign", sign):
            self.at += 1
            return True
        return False

    def fail(self) -> BadFilter:
        if self.next is END:
            return BadFilter(_("The filter ends too early."))
        return BadFilter(_("The filter is not understood at “%(place)s”.") % {"place": self.next.text})

    def whole(self) -> Filter:
        item = self.either()
        if self.next is not END:
            raise self.fail()
        return item

    def either(self) -> Filter:
        items = [self.both()]
        while self.next.is_word(OR):
            self.take()
            items.append(self.both())
        return items[0] if len(items) == 1 else Or(tuple(items))

    def both(self) -> Filter:
        items = [self.one()]
        while self.next.is_word(AND):
            self.take()
            items.append(self.one())
        return items[0] if len(items) == 1 else And(tuple(items))

    def one(self) -> Filter:
        self.depth += 1
        if self.depth > DEPTH:
            raise BadFilter(_("The filter is nested too deeply."))
        try:
            if self.next.is_word(NOT):
                self.take()
                return Not(self.one())
            if self.take_sign("("):
                item = self.either()
                if not self.take_sign(")"):
                    raise self.fail()
                return item
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> Filter:
        field = self.field()
        said_is = self.next.is_word(frozenset({IS}))
        if said_is:
            self.take()
        negated = self.next.is_word(NOT)
        if negated:
            self.take()
        # Only after "is": "bad" alone is a value like another.
        operator = Op.BAD if said_is and self.next.is_word(BAD) else self.operator()
        if operator is Op.BAD:
            self.take()
        if negated and operator is Op.EMPTY:
            return Compare(field, Op.NOT_EMPTY)
        found = Compare(field, operator, self.operand(operator))
        return Not(found) if negated else found

    def field(self) -> FieldRef:
        if self.next.kind == "id":
            return int(self.take().text)
        if self.next.kind == "double":
            return self.take().text
        return self.words()

    def words(self) -> str:
        """A bare name or value: the words up to a sign or a word of the language."""
        words = []
        while self.next.kind == "word" and not self.next.is_word(RESERVED):
            words.append(self.take().text)
        if not words:
            raise self.fail()
        return " ".join(words)

    def operator(self) -> Op:
        if self.next.kind == "sign" and self.next.text in SIGNS:
            return SIGNS[self.take().text]
        if self.next.is_word(WORDS):
            return WORDS[self.take().text.casefold()]
        raise self.fail()

    def operand(self, operator: Op) -> object:
        if operator in {Op.EMPTY, Op.BAD}:
            return None
        if operator is Op.BETWEEN:
            low = self.value()
            if not self.next.is_word(AND):
                raise self.fail()
            self.take()
            return (low, self.value())
        if operator is not Op.IN:
            return self.value()
        if self.next.kind == "variable":
            return (self.value(),)
        if not self.take_sign("("):
            raise self.fail()
        values = [self.value()]
        while self.take_sign(","):
            values.append(self.value())
        if not self.take_sign(")"):
            raise self.fail()
        return tuple(values)

    def value(self) -> object:
        if self.next.kind == "variable":
            return Variable(self.take().text.casefold())
        if self.next.kind == "id":
            return int(self.take().text)
        if self.next.kind in {"double", "single"}:
            return self.take().text
        return self.words()


NAMES_OF_OPERATORS: Mapping[Op, str] = {
    **{op: op.value for op in SIGNS.values()},
    Op.IN: "in",
    Op.BETWEEN: "between",
    Op.CONTAINS: "contains",
    Op.STARTS: "starts",
    Op.ENDS: "ends",
    Op.EMPTY: "is empty",
    Op.NOT_EMPTY: "is not empty",
    Op.BAD: "is bad",
}


def render(item: Filter, name: Callable[[FieldRef], FieldRef] = lambda field: field) -> str:
    """Text that parses to the same tree, with each column called as ``name`` says: an id, or a name for people."""
    if isinstance(item, Compare):
        return _render_comparison(item, name)
    if isinstance(item, Not):
        return f"not ({render(item.item, name)})"
    if isinstance(item, And | Or):
        word = " and " if isinstance(item, And) else " or "
        return word.join(
            f"({render(part, name)})" if isinstance(part, And | Or) else render(part, name) for part in item.items
        )
    raise TypeError(f"no text for {item!r}")


def _render_comparison(item: Compare, name: Callable[[FieldRef], FieldRef]) -> str:
    field = name(item.field)
    called = f"#{field}" if isinstance(field, int) else _quoted(field, '"')
    left = f"{called} {NAMES_OF_OPERATORS[item.op]}"
    if item.op in {Op.EMPTY, Op.NOT_EMPTY, Op.BAD}:
        return left
    if item.op is Op.BETWEEN and isinstance(item.value, tuple):
        return f"{left} {_value(item.value[0])} and {_value(item.value[1])}"
    if isinstance(item.value, tuple):
        if len(item.value) == 1 and isinstance(item.value[0], Variable):
            return f"{left} {_value(item.value[0])}"
        return f"{left} ({', '.join(_value(v) for v in item.value)})"
    return f"{left} {_value(item.value)}"


def _value(value: object) -> str:
    if isinstance(value, Variable):
        return f"@{value.name}"
    return f"#{value}" if isinstance(value, int) else _quoted(str(value), "'")


def _quoted(text: str, quote: str) -> str:
    """Bare where the text is words that mean themselves, else in quotes."""
    if all(_is_bare(word) for word in text.split(" ")):
        return text
    return quote + text.replace(quote, quote * 2) + quote


def _is_bare(word: str) -> bool:
    match = TOKEN.fullmatch(word)
    return match is not None and match["word"] == word and word.casefold() not in RESERVED

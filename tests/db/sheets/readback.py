"""What an import left in ``node``, read by plain SQL: nothing of the code under test takes part."""

from typing import Any

from django.db import connection

MAIN = ""  #: key of the main value in a row


def rows_of(workspace: str, table: str) -> list[dict[str, Any]]:
    """Records of a table in id order: column name -> text, a link as the label of what it points to, MAIN -> val."""
    ws = f"ws_{workspace}"
    with connection.cursor() as cursor:
        cursor.execute(f"select id from {ws}.node where up = 0 and val = %s and t between 2 and 17", [table])
        term = cursor.fetchone()[0]
        cursor.execute(
            f"""select r.id, coalesce((select m.val from {ws}.node m where m.up = r.id and m.t = 31), n.val, target.val)
                from {ws}.node r join {ws}.node n on n.id = r.t left join {ws}.node target on target.id = n.t
                where r.up = %s and r.val ~ '^[0-9]+$'""",
            [term],
        )
        names = dict(cursor.fetchall())
        cursor.execute(f"select id, val from {ws}.node where t = %s and up = 1 order by id", [term])
        records: dict[int, dict[str, Any]] = {record: {MAIN: val} for record, val in cursor.fetchall()}
        cursor.execute(
            f"""select c.up, c.t, c.val, target.val from {ws}.node c join {ws}.node o on o.id = c.up and o.t = %s
                left join {ws}.node target on target.id = c.t order by c.id""",
            [term],
        )
        for record, kind, text, label in cursor.fetchall():
            if kind in names:
                name, value = names[kind], text
            else:
                name, value = names[int(text)], label
            assert name not in records[record], "a cell is there twice"
            records[record][name] = value
    return list(records.values())


def count_nodes(workspace: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from ws_{workspace}.node")
        count: int = cursor.fetchone()[0]
    return count

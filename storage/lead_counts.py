"""How many leads stand at each stage, counted where a lead comes, moves or goes: by triggers, in its own transaction.

On PostgreSQL each transaction counts in rows of its own (`shard`), so that no two wait for each other; `fold` adds
them up now and then. SQLite has one writer and one shard.
"""

from sqlalchemy import Connection, func, inspect, select, text

from storage.tables import lead_count


def leads_by_stage(connection: Connection) -> dict[str, int]:
    """The leads at each stage where there are any; what it costs does not grow with them."""
    total = func.sum(lead_count.c.leads)
    rows = connection.execute(select(lead_count.c.stage, total).group_by(lead_count.c.stage))
    return {stage: int(leads) for stage, leads in rows if leads}


def fold(connection: Connection) -> None:
    """Add up what single transactions counted."""
    if connection.dialect.name != "sqlite":
        connection.execute(_FOLD)


def stop_counting(connection: Connection) -> None:
    """Take the triggers away, for the time in which tables change."""
    if connection.dialect.name == "sqlite":
        for name in _SQLITE_TRIGGERS:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        return
    for name in _FUNCTIONS:  # each takes its trigger along
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}() CASCADE")


def start_counting(connection: Connection) -> None:
    """Make the triggers of a database that has the table, and count anew."""
    if not inspect(connection).has_table(lead_count.name):
        return
    is_sqlite = connection.dialect.name == "sqlite"
    # On PostgreSQL the triggers come first: they lock the leads, so that nobody changes any while all are counted.
    for statement in _SQLITE_TRIGGERS.values() if is_sqlite else _postgresql_statements():
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("DELETE FROM lead_count")
    connection.exec_driver_sql(
        "INSERT INTO lead_count (stage, shard, leads) SELECT stage, 0, count(*) FROM lead GROUP BY stage"
    )


_ADD_UP = "ON CONFLICT (stage, shard) DO UPDATE SET leads = lead_count.leads + excluded.leads"
_FOLD = text(
    "WITH gone AS (DELETE FROM lead_count WHERE shard <> 0 RETURNING stage, leads) INSERT INTO lead_count "  # noqa: S608
    f"SELECT stage, 0, sum(leads) FROM gone GROUP BY stage ORDER BY stage {_ADD_UP}"
)


def _count(stage: str, leads: str) -> str:
    return f"INSERT INTO lead_count (stage, shard, leads) VALUES ({stage}, 0, {leads}) {_ADD_UP};"  # noqa: S608  our own words


_SQLITE_TRIGGERS = {
    "lead_count_come": f"CREATE TRIGGER lead_count_come AFTER INSERT ON lead BEGIN {_count('NEW.stage', '1')} END",
    "lead_count_go": f"CREATE TRIGGER lead_count_go AFTER DELETE ON lead BEGIN {_count('OLD.stage', '-1')} END",
    "lead_count_move": (
        "CREATE TRIGGER lead_count_move AFTER UPDATE OF stage ON lead WHEN OLD.stage <> NEW.stage "
        f"BEGIN {_count('OLD.stage', '-1')} {_count('NEW.stage', '1')} END"
    ),
}

_OF_MANY = "SELECT stage, txid_current(), {sign}count(*) FROM counted GROUP BY stage"
_FUNCTIONS = {
    "lead_count_come": (
        "AFTER INSERT ON lead REFERENCING NEW TABLE AS counted FOR EACH STATEMENT",
        _OF_MANY.format(sign=""),
    ),
    "lead_count_go": (
        "AFTER DELETE ON lead REFERENCING OLD TABLE AS counted FOR EACH STATEMENT",
        _OF_MANY.format(sign="-"),
    ),
    "lead_count_move": (
        "AFTER UPDATE OF stage ON lead FOR EACH ROW WHEN (OLD.stage <> NEW.stage)",
        "VALUES (OLD.stage, txid_current(), -1), (NEW.stage, txid_current(), 1)",
    ),
}
"""By the name of the function and of its trigger: when it runs, and the rows it adds."""


def _postgresql_statements() -> list[str]:
    statements = []
    for name, (when, rows) in _FUNCTIONS.items():
        body = f"BEGIN INSERT INTO lead_count (stage, shard, leads) {rows} {_ADD_UP}; RETURN NULL; END"
        statements.append(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
        statements.append(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()")
    return statements

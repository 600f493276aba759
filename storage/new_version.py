"""`make migration NAME="…"`: write the next version of the schema, from what the tables say and no version has yet."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import Script

from storage import migrate
from storage.engine import open_engine
from storage.store import Store


def write_version(name: str, migrations: Path = migrate.MIGRATIONS) -> Path:
    """The file of a new version, numbered behind the newest and formatted; the changes in it are alembic's guess.

    They come from comparing the tables with an empty SQLite database at the newest version.
    """
    with tempfile.TemporaryDirectory() as folder:
        store = Store(open_engine(f"sqlite:///{Path(folder) / 'newest.db'}"))
        with migrate.changing_schema(store) as connection:
            config = migrate.config_of(connection, migrations)
            command.upgrade(config, "head")
        with store.begin() as tx:
            config = migrate.config_of(tx.connection, migrations)
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            config.set_section_option("post_write_hooks", "hooks", "check, format")
            for step, options in (("check", "check --fix --quiet"), ("format", "format --quiet")):
                config.set_section_option("post_write_hooks", f"{step}.type", "module")
                config.set_section_option("post_write_hooks", f"{step}.module", "ruff")
                config.set_section_option("post_write_hooks", f"{step}.options", f"{options} REVISION_SCRIPT_FILENAME")
            number = f"{int(migrate.head(migrations)) + 1:04}"
            written = command.revision(config, name, autogenerate=True, rev_id=number)
        store.close()
    assert isinstance(written, Script)
    return Path(written.path)


if __name__ == "__main__":
    said = " ".join(sys.argv[1:]).strip().removesuffix(".")
    if not said:
        sys.exit('Say what it does: make migration NAME="Count the leads"')
    sys.stdout.write(f"{write_version(said)}\n")

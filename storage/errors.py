"""What storage cannot do, in sentences for operators."""


class StorageError(Exception):
    """The database could not do what was asked."""


class Unreachable(StorageError):
    """The database cannot be reached."""


class BadAddress(StorageError):
    """DATABASE_URL cannot be used."""


class Conflict(StorageError):
    """Two transactions met; run yours again."""


class RowRefused(StorageError):
    """A row breaks a rule of its table: it refers to nothing, lacks a value, or has one that cannot be."""


class NotMigrated(StorageError):
    """The database is not at the version this program needs."""


class BrokenKeys(StorageError):
    """Rows refer to others that are not there."""


class InUse(StorageError):
    """Another process serves this SQLite file."""

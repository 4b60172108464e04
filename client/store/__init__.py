"""The desk's encrypted store: the only SQL of the client. Knows no network, no window, no file formats."""

import sys

import sqlcipher3
import sqlcipher3.dbapi2

# sqlite-utils looks for `pysqlite3` before the standard library and then catches that module's errors.
# Without the alias it would miss the errors of an encrypted connection.
sys.modules.setdefault("pysqlite3", sqlcipher3)
sys.modules.setdefault("pysqlite3.dbapi2", sqlcipher3.dbapi2)

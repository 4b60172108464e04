"""The only SQL schema of the platform: tables, engine, migrations. Importing it knows all tables."""

from regional_platform.store import admin_tables as admin_tables

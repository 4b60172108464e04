"""The only SQL schema of the platform: tables, the engine and the migrations."""

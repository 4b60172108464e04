"""Paper: PDF of a record and of any list. No Qt, no network, no SQL; takes values and writes a file."""

"""设置: platform, operators, backup, appearance, catalog, licences."""

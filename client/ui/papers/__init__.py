"""打印 and 导出: the same button on every page that has a list or a record."""

"""The catalog (统一信用信息目录): items, fields, code sets, and the one validator over them."""

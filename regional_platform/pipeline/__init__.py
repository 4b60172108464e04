"""The way of a version: received → checked → matched (关联) or unmatched (未关联) → stored (入库)."""

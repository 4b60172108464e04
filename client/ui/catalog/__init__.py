"""目录: every item of the region's catalog, what its fields are, and where each of it comes from."""

"""Working days and clocks (期限), as data with a named source."""

"""Lists (名单): which items are lists, what is published of them each day, and the filter to ask offline."""

"""Small widgets that every page shares: marks of states, banners, empty states, tables, buttons."""

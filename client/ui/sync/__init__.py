"""报送: what is on its way, what the platform said, and the loop that carries it."""

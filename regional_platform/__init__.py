"""The reference regional platform: a real server that keeps what it is given."""

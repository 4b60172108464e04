"""Canonical bytes, digests and signatures: what makes an act provable on both sides."""

"""The main job, shown for real: a platform of its own, a desk, a spreadsheet, receipts, an objection.

Composition like `client.cli`: may use everything of the client, and starts the platform as a process.
"""

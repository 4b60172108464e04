"""What client and platform must compute alike: catalog, law, seal.

Knows no database, no network and no client; `forms.qt` is the only part that knows Qt.
"""

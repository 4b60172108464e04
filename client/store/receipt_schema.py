"""Tables of receipts as they are since step 17: what can be put together again is kept once."""

SLIM = """
DROP VIEW record_state;
ALTER TABLE seal ADD COLUMN server_id TEXT; -- of the message, as are the epoch and the numbers of a page
ALTER TABLE seal ADD COLUMN epoch TEXT;     -- of the feed; NULL: an answer, or of before
CREATE TABLE slim (
  version_id TEXT NOT NULL, stage TEXT NOT NULL, outcome TEXT NOT NULL,
  problem TEXT, receipt_no TEXT NOT NULL,
  server_at TEXT NOT NULL, feed_seq INTEGER,
  raw BLOB,                                 -- NULL: what follows from the columns, see receipt_said
  seal_n INTEGER REFERENCES seal, sig TEXT, PRIMARY KEY (version_id, stage)
) STRICT, WITHOUT ROWID;
INSERT INTO slim SELECT version_id, stage, outcome, problem, receipt_no, server_at, feed_seq, raw, seal_n, sig
  FROM receipt ORDER BY version_id, stage;
DROP TABLE receipt;
ALTER TABLE slim RENAME TO receipt;
CREATE INDEX receipt_rejected ON receipt (version_id) WHERE outcome = 'rejected';
CREATE INDEX receipt_unmatched ON receipt (version_id) WHERE stage = 'unmatched';
CREATE VIEW receipt_said AS                 -- each receipt with its canonical bytes
SELECT r.version_id, r.stage, r.sig, COALESCE(r.raw, CAST(
  '{"at":"' || r.server_at || '","content_sha256":"' || v.content_sha256 || '","outcome":"' || r.outcome
  || '","problem":null,"receipt_no":"' || r.receipt_no || '","record_id":"' || v.record_id
  || '","server_id":"' || s.server_id || '","stage":"' || r.stage || '","version_id":"' || r.version_id
  || '"}' AS BLOB)) AS raw
FROM receipt r LEFT JOIN version v ON v.version_id = r.version_id LEFT JOIN seal s ON s.n = r.seal_n;
CREATE VIEW heard AS                        -- the feed: what stands among the receipts is not said twice
SELECT epoch, seq, type, data FROM inbox
UNION ALL
SELECT s.epoch, r.feed_seq, 'stage', '{"version_id":"' || r.version_id || '","stage":"' || r.stage || '"}'
FROM receipt r JOIN seal s ON s.n = r.seal_n WHERE s.epoch IS NOT NULL AND r.feed_seq IS NOT NULL;
"""
"""Three of four bytes that a receipt took were said elsewhere, too."""

"""The tables of the desk, as the first migration makes them. Units stand in the column names.

Times are ISO 8601 UTC text (`*_at`), days ISO 8601 text (`*_on`). Payloads are JSON text;
what is frozen is a BLOB of canonical bytes. The state of a record is the view `record_state`,
never a column.
"""

from __future__ import annotations

FIRST = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE device (                       -- one row: this desk as the platform knows it
  device_id TEXT PRIMARY KEY, name TEXT NOT NULL, signing_key BLOB NOT NULL,
  unit_code TEXT NOT NULL, unit_name TEXT NOT NULL, city TEXT NOT NULL,
  platform_url TEXT NOT NULL, ca_file TEXT,
  server_id TEXT NOT NULL, server_key TEXT NOT NULL,
  epoch TEXT NOT NULL, cursor INTEGER NOT NULL DEFAULT 0,         -- feed: all up to cursor is applied
  next_seq INTEGER NOT NULL DEFAULT 1, last_batch_sha256 TEXT,    -- next device_seq; chain of batches
  clock_offset_ms INTEGER NOT NULL DEFAULT 0,
  last_contact_at TEXT, down_since_at TEXT, last_error TEXT, limits TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE operator (
  operator_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, roles TEXT NOT NULL,   -- JSON array
  public_key TEXT, token TEXT, token_expires_at TEXT, added_at TEXT NOT NULL  -- public_key: the present one
) STRICT;
CREATE TABLE operator_key (                 -- every key that an operator has signed with, for ever
  public_key TEXT PRIMARY KEY, operator_id TEXT NOT NULL REFERENCES operator, added_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX operator_key_of ON operator_key (operator_id);

CREATE TABLE record (
  record_id TEXT PRIMARY KEY, item TEXT NOT NULL, created_at TEXT NOT NULL,       -- item: code, no set
  subject_name TEXT NOT NULL DEFAULT '', subject_code TEXT NOT NULL DEFAULT '',
  doc_no TEXT NOT NULL DEFAULT '', act_on TEXT NOT NULL DEFAULT '',
  natural_key TEXT, import_id TEXT, import_row INTEGER, changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX record_changed ON record (changed_at, record_id);
CREATE INDEX record_item ON record (item, changed_at);
CREATE INDEX record_key ON record (natural_key) WHERE natural_key IS NOT NULL;
CREATE INDEX record_subject ON record (subject_code) WHERE subject_code <> '';
CREATE INDEX record_import ON record (import_id, import_row) WHERE import_id IS NOT NULL;

CREATE TABLE draft (                        -- the working copy; gone once approved
  record_id TEXT PRIMARY KEY REFERENCES record, catalog TEXT NOT NULL,            -- XZCF_FR@2026.1
  op TEXT NOT NULL CHECK (op IN ('create','correct','withdraw')),
  base_version TEXT,                        -- the version that the person saw
  payload TEXT NOT NULL, answers TEXT NOT NULL DEFAULT '[]',
  reason TEXT, evidence TEXT NOT NULL DEFAULT '[]', case_id TEXT,
  edit_state TEXT NOT NULL CHECK (edit_state IN ('editing','checked','in_review')),
  errors INTEGER NOT NULL DEFAULT 0, warnings INTEGER NOT NULL DEFAULT 0,         -- warnings: unanswered
  returned INTEGER NOT NULL DEFAULT 0, owner TEXT NOT NULL, saved_at TEXT NOT NULL, deleted_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_state                    -- all that record_state asks, without the payloads
  ON draft (record_id, deleted_at, op, edit_state, returned, errors, warnings);

CREATE TABLE version (                      -- frozen; triggers forbid UPDATE and DELETE
  n INTEGER PRIMARY KEY, version_id TEXT NOT NULL UNIQUE, record_id TEXT NOT NULL,
  parent TEXT, op TEXT NOT NULL, catalog TEXT NOT NULL, content BLOB NOT NULL,
  content_sha256 TEXT NOT NULL, maker TEXT NOT NULL, created_at TEXT NOT NULL,
  approval_id TEXT NOT NULL, place INTEGER NOT NULL, case_id TEXT
) STRICT;
CREATE INDEX version_record ON version (record_id, n, version_id, op);           -- all that record_state asks
CREATE INDEX version_owner ON version (version_id, record_id);                   -- without the contents
CREATE INDEX version_approval ON version (approval_id, place);
CREATE TRIGGER version_frozen BEFORE UPDATE ON version BEGIN SELECT RAISE(ABORT, 'version is frozen'); END;
CREATE TRIGGER version_kept BEFORE DELETE ON version BEGIN SELECT RAISE(ABORT, 'version is kept'); END;

CREATE TABLE review (                       -- one submitted act; becomes an approval
  approval_id TEXT PRIMARY KEY, act_id TEXT NOT NULL, title TEXT NOT NULL, import_id TEXT, case_id TEXT,
  maker TEXT NOT NULL, maker_sig TEXT NOT NULL, submitted_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting','approved','void'))
) STRICT;
CREATE TABLE review_entry (
  approval_id TEXT NOT NULL REFERENCES review, place INTEGER NOT NULL, record_id TEXT NOT NULL,
  version_id TEXT NOT NULL UNIQUE, content BLOB NOT NULL, content_sha256 TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting','approved','returned','taken_back')),
  PRIMARY KEY (approval_id, place)          -- content is emptied once it is frozen in version
) STRICT;
CREATE INDEX review_entry_waiting ON review_entry (approval_id, place) WHERE state = 'waiting';
CREATE INDEX review_entry_record ON review_entry (record_id);
CREATE TABLE review_note (                  -- why something came back
  n INTEGER PRIMARY KEY, record_id TEXT NOT NULL, at TEXT NOT NULL, operator TEXT NOT NULL,
  field TEXT, reason TEXT NOT NULL
) STRICT;
CREATE INDEX review_note_record ON review_note (record_id, n);

CREATE TABLE approval (                     -- body: the bytes that are PUT to the platform
  approval_id TEXT PRIMARY KEY, body BLOB NOT NULL, maker TEXT NOT NULL, checker TEXT NOT NULL,
  approved_at TEXT NOT NULL, confirmed_at TEXT
) STRICT;

CREATE TABLE outbox (
  version_id TEXT PRIMARY KEY REFERENCES version (version_id),
  lane INTEGER NOT NULL,                    -- 0 decide, withdraw · 1 correct · 2 create
  state TEXT NOT NULL CHECK (state IN ('queued','sent','unknown','held','blocked','done','recalled')),
  batch_id TEXT, tries INTEGER NOT NULL DEFAULT 0, next_try_at TEXT, last_problem TEXT,
  queued_n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (state, lane, queued_n);
CREATE INDEX outbox_batch ON outbox (batch_id) WHERE batch_id IS NOT NULL;

CREATE TABLE batch (                        -- body is byte-frozen
  batch_id TEXT PRIMARY KEY, device_seq INTEGER NOT NULL UNIQUE,
  body BLOB NOT NULL, body_sha256 TEXT NOT NULL,
  items INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('open','answered','void')),
  cut_at TEXT NOT NULL, first_sent_at TEXT, last_sent_at TEXT, tries INTEGER NOT NULL DEFAULT 0,
  next_try_at TEXT, last_problem TEXT
) STRICT;
CREATE INDEX batch_open ON batch (device_seq) WHERE state = 'open';

CREATE TABLE receipt (
  version_id TEXT NOT NULL, stage TEXT NOT NULL, outcome TEXT NOT NULL,
  problem TEXT, receipt_no TEXT NOT NULL,
  server_at TEXT NOT NULL, feed_seq INTEGER, raw BLOB NOT NULL, PRIMARY KEY (version_id, stage)
) STRICT;
CREATE INDEX receipt_outcome ON receipt (version_id, stage, outcome);            -- all that record_state asks
CREATE INDEX receipt_rejected ON receipt (version_id) WHERE outcome = 'rejected';
CREATE INDEX receipt_unmatched ON receipt (version_id) WHERE stage = 'unmatched';

CREATE TABLE inbox (
  epoch TEXT NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, applied_at TEXT NOT NULL,
  PRIMARY KEY (epoch, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE attachment (                   -- the bytes lie encrypted beside the database
  sha256 TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL,
  file_name TEXT, confirmed_at TEXT, added_at TEXT NOT NULL
) STRICT;

CREATE TABLE casefile (
  case_id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, revision TEXT NOT NULL,
  record_id TEXT NOT NULL, subject_name TEXT NOT NULL, opened_at TEXT NOT NULL, due_on TEXT,
  data TEXT NOT NULL, changed_at TEXT NOT NULL, closed_at TEXT
) STRICT;
CREATE TABLE case_decision (                -- work in progress of the handler
  case_id TEXT PRIMARY KEY REFERENCES casefile, payload TEXT NOT NULL, parent TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('editing','in_review','approved')),
  handler TEXT NOT NULL, saved_at TEXT NOT NULL
) STRICT;

CREATE TABLE import_file (
  import_id TEXT PRIMARY KEY, file_name TEXT NOT NULL, file_sha256 TEXT NOT NULL, sheet TEXT NOT NULL,
  item TEXT NOT NULL, headings TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('loading','visible','removed')),
  rows_read INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL DEFAULT 0,
  updated INTEGER NOT NULL DEFAULT 0, corrected INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0, faulty INTEGER NOT NULL DEFAULT 0,
  next_row INTEGER NOT NULL DEFAULT 0, started_at TEXT NOT NULL, finished_at TEXT, operator TEXT NOT NULL
) STRICT;
CREATE INDEX import_loading ON import_file (import_id) WHERE state = 'loading';
CREATE TABLE import_row (                   -- all but new records; those are their drafts
  import_id TEXT NOT NULL REFERENCES import_file, row INTEGER NOT NULL,  -- as the sheet shows it
  fate TEXT NOT NULL CHECK (fate IN ('faulty','skipped','taken','updated','corrected')),
  record_id TEXT,                           -- the record that the row meets, or became
  cells TEXT NOT NULL, payload TEXT NOT NULL, problems TEXT NOT NULL,
  PRIMARY KEY (import_id, row)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (                        -- hash chain; triggers forbid UPDATE and DELETE
  n INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL,
  detail_sha256 TEXT NOT NULL, prev TEXT NOT NULL, h TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_frozen BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is frozen'); END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is kept'); END;
"""

HABITS = """
CREATE TABLE pinned_value (                 -- what new records of an item begin with
  operator_id TEXT NOT NULL REFERENCES operator, item TEXT NOT NULL, field TEXT NOT NULL,
  value TEXT NOT NULL, pinned_at TEXT NOT NULL, PRIMARY KEY (operator_id, item, field)
) STRICT, WITHOUT ROWID;
CREATE TABLE form_template (                -- a record of one's own to begin with
  template_id TEXT PRIMARY KEY, operator_id TEXT NOT NULL REFERENCES operator, item TEXT NOT NULL,
  name TEXT NOT NULL, payload TEXT NOT NULL, saved_at TEXT NOT NULL, UNIQUE (operator_id, item, name)
) STRICT;
CREATE TABLE item_use (
  operator_id TEXT NOT NULL REFERENCES operator, item TEXT NOT NULL,
  used_at TEXT NOT NULL, favourite INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (operator_id, item)
) STRICT, WITHOUT ROWID;
"""
"""What an operator is used to; the third migration makes it."""

MOVES = """
CREATE TABLE catalog_move (                 -- a draft that went over to another catalog set, to be undone
  move_id TEXT NOT NULL, record_id TEXT NOT NULL REFERENCES record,
  from_catalog TEXT NOT NULL, to_catalog TEXT NOT NULL,           -- XZCF_FR@2026.1
  steps TEXT NOT NULL, answers TEXT NOT NULL,                     -- JSON: what changed; the answers before
  operator TEXT NOT NULL, moved_at TEXT NOT NULL, undone_at TEXT,
  PRIMARY KEY (move_id, record_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalog_move_record ON catalog_move (record_id, moved_at);
"""

CHANGES = """
CREATE TABLE import_change (                -- what was cleaned, one row a chunk; body: packed entries
  import_id TEXT NOT NULL REFERENCES import_file, first_row INTEGER NOT NULL, last_row INTEGER NOT NULL,
  counts TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (import_id, first_row)
) STRICT;
CREATE TABLE import_undone (                -- a cleaned cell that is again as it was typed
  import_id TEXT NOT NULL REFERENCES import_file, row INTEGER NOT NULL, field TEXT NOT NULL,
  operator TEXT NOT NULL, undone_at TEXT NOT NULL, PRIMARY KEY (import_id, row, field)
) STRICT, WITHOUT ROWID;
"""
"""What an import put in order, so that it can be seen and undone."""

SEEN = """
CREATE TABLE review_seen (                  -- entries of a sample that a reviewer looked at
  version_id TEXT NOT NULL, act_id TEXT NOT NULL, operator TEXT NOT NULL, seen_at TEXT NOT NULL,
  PRIMARY KEY (act_id, operator, version_id)
) STRICT, WITHOUT ROWID;
"""

ORIGINS = """
CREATE TABLE import_origin (                -- rows of a returned file that were faulty in an earlier import
  import_id TEXT NOT NULL REFERENCES import_file, row INTEGER NOT NULL,
  from_import TEXT NOT NULL REFERENCES import_file, from_row INTEGER NOT NULL, PRIMARY KEY (import_id, row)
) STRICT, WITHOUT ROWID;
"""
"""Which faulty row a row is, that was repaired in the file and given back."""

RECIPES = """
CREATE TABLE recipe (                       -- how files of one source are taken; body: columns and the rest
  recipe_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, item TEXT NOT NULL, sheet TEXT NOT NULL,
  body TEXT NOT NULL, saved_at TEXT NOT NULL, used_at TEXT NOT NULL, operator TEXT NOT NULL
) STRICT;
"""

ROW_RECORDS = """
CREATE INDEX import_row_record ON import_row (record_id) WHERE record_id IS NOT NULL;
"""
"""From a record to the rows that changed it: what an import put in order in it is shown with its form."""

SEALS = """
CREATE TABLE seal (                         -- of one message: the list of digests of its receipts, 32 bytes
  n INTEGER PRIMARY KEY, digests BLOB NOT NULL, sig TEXT NOT NULL  -- each, that the platform signed
) STRICT;
ALTER TABLE receipt ADD COLUMN seal_n INTEGER REFERENCES seal;
ALTER TABLE receipt ADD COLUMN sig TEXT;
UPDATE receipt SET sig = json_extract(CAST(raw AS TEXT), '$.sig'),
  raw = CAST(json_remove(CAST(raw AS TEXT), '$.sig') AS BLOB);
"""
"""Receipts of before were signed one by one: such a one keeps its signature, beside it instead of in it."""

CHOICES = """
CREATE TABLE import_choice (                -- what was chosen for an import that is not finished
  import_id TEXT PRIMARY KEY REFERENCES import_file, body TEXT NOT NULL
) STRICT;
"""

PACKAGES = """
ALTER TABLE device ADD COLUMN package_key TEXT;   -- of the platform: what packages for it are encrypted for
CREATE TABLE package (                      -- carried on a stick: that went up, and that were read
  package_id TEXT PRIMARY KEY, way TEXT NOT NULL CHECK (way IN ('up','down')),
  device_id TEXT NOT NULL, package_seq INTEGER NOT NULL, sha256 TEXT NOT NULL,
  created_at TEXT NOT NULL, epoch TEXT NOT NULL, noted_at TEXT NOT NULL,
  said TEXT NOT NULL                                              -- JSON
) STRICT, WITHOUT ROWID;
CREATE INDEX package_number ON package (device_id, way, package_seq);
"""

TRIES = """
CREATE TABLE batch_try (                    -- every sending of a batch, and what came of it
  batch_id TEXT NOT NULL REFERENCES batch, n INTEGER NOT NULL, at TEXT NOT NULL,
  ended_at TEXT, code TEXT, PRIMARY KEY (batch_id, n)
) STRICT, WITHOUT ROWID;
"""

BODIES = """
CREATE TABLE batch_body (                   -- apart: a row that changes is written whole again
  batch_id TEXT PRIMARY KEY REFERENCES batch, body BLOB NOT NULL
) STRICT;
INSERT INTO batch_body SELECT batch_id, body FROM batch;
ALTER TABLE batch DROP COLUMN body;
"""

LAW = """
CREATE TABLE law_sheet (                    -- calendars and choices of rule sets, as the platform sealed them
  format TEXT NOT NULL, number INTEGER NOT NULL, sealed TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (format, number)
) STRICT;
CREATE TABLE due_move (                     -- cases whose due date a calendar or a rule set has moved
  n INTEGER PRIMARY KEY, case_id TEXT NOT NULL, was TEXT, due_on TEXT, certain INTEGER NOT NULL,
  why TEXT NOT NULL, moved_at TEXT NOT NULL, seen_at TEXT
) STRICT;
CREATE INDEX due_move_unseen ON due_move (n) WHERE seen_at IS NULL;
"""

MERGES = """
CREATE TABLE merge_choice (                 -- a field that two desks changed at once, each in its own way
  record_id TEXT NOT NULL REFERENCES record, field TEXT NOT NULL,
  parent TEXT NOT NULL,                     -- the version of the other desk; counts while a draft is on it
  base TEXT, mine TEXT, theirs TEXT,        -- JSON; NULL where the field is empty
  chosen_at TEXT, PRIMARY KEY (record_id, field)
) STRICT, WITHOUT ROWID;
"""

QUESTIONS = """
CREATE TABLE question (                     -- 疑问数据 of the unit, as the platform told it last
  version_id TEXT PRIMARY KEY, record_id TEXT NOT NULL, unit TEXT NOT NULL, item TEXT NOT NULL,
  cause TEXT NOT NULL, problem TEXT NOT NULL, state TEXT NOT NULL, since_at TEXT NOT NULL,
  changed_at TEXT NOT NULL, changed_by TEXT, reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX question_state ON question (state, since_at);
"""

CASE_POSTS = """
CREATE TABLE case_post (                    -- what this desk says of cases and is no version
  n INTEGER PRIMARY KEY, post_id TEXT NOT NULL UNIQUE, case_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('opening','event','transfer','waiver')),
  event TEXT NOT NULL,                      -- the kind of event that it makes
  parent TEXT,                              -- revision of the case that the person saw
  operator TEXT NOT NULL, said_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued','sent','done','refused','superseded')),
  answered_at TEXT, problem TEXT,           -- JSON
  files TEXT NOT NULL, body BLOB NOT NULL   -- files: JSON, SHA-256 of what must be there first
) STRICT;
CREATE INDEX case_post_waiting ON case_post (n) WHERE state IN ('queued','sent');
CREATE INDEX case_post_case ON case_post (case_id, n);
CREATE TABLE case_shown (                   -- what the queue asks of a case, own posts included
  case_id TEXT PRIMARY KEY REFERENCES casefile, kind TEXT NOT NULL, stage TEXT NOT NULL,
  is_open INTEGER NOT NULL, group_key TEXT NOT NULL, sort_key TEXT NOT NULL,
  unit TEXT NOT NULL, city TEXT NOT NULL, owner TEXT, owner_name TEXT NOT NULL,
  due_on TEXT, due_certain INTEGER NOT NULL, revision TEXT NOT NULL,
  waiting INTEGER NOT NULL, refused INTEGER NOT NULL,            -- posts of this desk
  subject_name TEXT NOT NULL, applicant_number TEXT NOT NULL, opened_at TEXT NOT NULL,
  closed_at TEXT, last_due_on TEXT,         -- last_due_on: stays when nothing is due any more
  words TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX case_shown_order ON case_shown (group_key, sort_key);
CREATE TABLE case_record (                  -- the records that a case is about
  case_id TEXT NOT NULL REFERENCES casefile, record_id TEXT NOT NULL, item TEXT NOT NULL,
  subject TEXT NOT NULL,                    -- its code, else its name
  reason_code TEXT NOT NULL, fields TEXT NOT NULL,                -- JSON: ids of disputed fields
  PRIMARY KEY (case_id, record_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_record_of ON case_record (record_id);
CREATE INDEX case_record_subject ON case_record (subject);
"""

LETTERS = """
CREATE TABLE case_document (                -- an official letter (文书) of a case; its files are attachments
  document_id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES casefile, kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft','issued','voided')),
  texts TEXT NOT NULL,                      -- JSON: the paragraphs that a person wrote
  saved_by TEXT NOT NULL, saved_at TEXT NOT NULL,
  number TEXT UNIQUE, template_sha256 TEXT, docx_sha256 TEXT, pdf_sha256 TEXT,
  issued_by TEXT, issued_on TEXT, issued_at TEXT, voided_by TEXT, voided_at TEXT, reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX case_document_of ON case_document (case_id, saved_at);
CREATE TABLE letter_number (                -- every number that was ever given out; never one twice
  year INTEGER NOT NULL, seq INTEGER NOT NULL, number TEXT NOT NULL UNIQUE, document_id TEXT NOT NULL,
  given_at TEXT NOT NULL, PRIMARY KEY (year, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE letter_template (              -- a department's own, in place of the one that is shipped
  kind TEXT PRIMARY KEY, content BLOB NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL,
  imported_by TEXT NOT NULL, imported_at TEXT NOT NULL
) STRICT;
"""

STATE_VIEW = """
CREATE VIEW record_state AS                 -- a subquery for each record: a page of 200 costs 200
SELECT r.record_id,
  CASE
    WHEN d.deleted_at IS NOT NULL THEN 'deleted'
    WHEN d.edit_state = 'in_review' THEN 'in_review'
    WHEN d.returned = 1 THEN 'returned'
    WHEN d.errors > 0 THEN 'problems'
    WHEN d.record_id IS NOT NULL THEN 'draft'
    WHEN o.state IN ('queued','sent','unknown','held','blocked') THEN o.state
    ELSE CASE (                             -- how far the receipts of the version that counts have come
      SELECT MAX(CASE WHEN c.outcome = 'rejected' THEN 5 WHEN c.stage = 'stored' THEN 4
                      WHEN c.stage = 'matched' THEN 3 WHEN c.stage = 'unmatched' THEN 2 ELSE 1 END)
      FROM receipt c WHERE c.version_id = v.version_id)
      WHEN 5 THEN 'rejected'
      WHEN 4 THEN CASE v.op WHEN 'withdraw' THEN 'withdrawn' WHEN 'correct' THEN 'corrected' ELSE 'stored' END
      WHEN 3 THEN 'matched'
      WHEN 2 THEN 'unmatched'
      WHEN 1 THEN 'checked'
      ELSE 'deleted' END
  END AS state,
  v.version_id, v.op
FROM record r
-- A deleted change is no draft: the record is again what the platform holds.
LEFT JOIN draft d INDEXED BY draft_state
  ON d.record_id = r.record_id AND (d.deleted_at IS NULL OR d.op = 'create')
-- The version that counts: the last one, but for a recalled one, and a rejected one that was given up.
LEFT JOIN version v INDEXED BY version_record ON v.record_id = r.record_id AND v.n = (
  SELECT x.n FROM version x INDEXED BY version_record JOIN outbox q ON q.version_id = x.version_id
  WHERE x.record_id = r.record_id AND q.state <> 'recalled'
    AND NOT (EXISTS (SELECT 1 FROM receipt c INDEXED BY receipt_rejected
                     WHERE c.version_id = x.version_id AND c.outcome = 'rejected')
             AND EXISTS (SELECT 1 FROM draft g INDEXED BY draft_state
                         WHERE g.record_id = x.record_id AND g.deleted_at IS NOT NULL))
  ORDER BY x.n DESC LIMIT 1)
LEFT JOIN outbox o ON o.version_id = v.version_id;
"""

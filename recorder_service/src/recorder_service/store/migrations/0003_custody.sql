-- Heads of the company's custody ledger as Odoo has told them: what proves that nothing was cut off or made anew there.
-- Two hashes of one number are both kept: each of them was said.
CREATE TABLE custody_anchor (
    company_id INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    at_us INTEGER NOT NULL,
    PRIMARY KEY (company_id, seq, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX custody_anchor_at ON custody_anchor (at_us);

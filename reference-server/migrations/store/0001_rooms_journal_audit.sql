-- Ids are their printed texts, moments are UTC milliseconds.
CREATE TABLE room (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    config TEXT NOT NULL,
    made_at_ms BIGINT NOT NULL
);

CREATE TABLE link (
    room TEXT NOT NULL REFERENCES room (id),
    number BIGINT NOT NULL,
    key_hash BLOB NOT NULL,
    role TEXT NOT NULL,
    standing TEXT NOT NULL,
    PRIMARY KEY (room, number)
);

CREATE TABLE meeting (
    id TEXT NOT NULL PRIMARY KEY,
    room TEXT NOT NULL REFERENCES room (id),
    tenant TEXT NOT NULL,
    begun_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT,
    last_seq BIGINT NOT NULL
);

-- A room holds one meeting at a time.
CREATE UNIQUE INDEX meeting_on ON meeting (room) WHERE ended_at_ms IS NULL;
CREATE INDEX meeting_over ON meeting (ended_at_ms);

-- Events with their personal fields taken out.
CREATE TABLE journal (
    meeting TEXT NOT NULL REFERENCES meeting (id),
    seq BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    version BIGINT NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (meeting, seq)
);

-- The fields that were taken out, sealed under the person's key.
CREATE TABLE personal (
    meeting TEXT NOT NULL REFERENCES meeting (id),
    seq BIGINT NOT NULL,
    field BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (meeting, seq, field)
);

-- Whose keys were destroyed: replayed when an older key database comes back.
CREATE TABLE erased (
    meeting TEXT NOT NULL REFERENCES meeting (id),
    participant TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (meeting, participant)
);

-- One hash chain per tenant. Outlives meetings, so it refers to none.
CREATE TABLE audit (
    tenant TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,
    room TEXT,
    meeting TEXT,
    actor TEXT,
    target TEXT,
    code TEXT,
    subject_hash BLOB,
    prev_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (tenant, seq)
);

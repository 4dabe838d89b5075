-- A random key per person and meeting, wrapped under the master key.
CREATE TABLE person_key (
    meeting TEXT NOT NULL,
    participant TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (meeting, participant)
);

-- Keys that were destroyed and must not be made again.
CREATE TABLE destroyed (
    meeting TEXT NOT NULL,
    participant TEXT NOT NULL,
    PRIMARY KEY (meeting, participant)
);

-- A known text under the master key: shows whether the master key is the right one.
CREATE TABLE master_check (
    number BIGINT NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL
);

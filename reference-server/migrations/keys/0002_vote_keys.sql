-- The key a secret vote that is on signs ballots with, wrapped under the master key.
CREATE TABLE vote_key (
    meeting TEXT NOT NULL,
    public TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (meeting, public)
);

-- A digest of the blinded message each person had signed, so that a lost answer can be given again.
CREATE TABLE vote_signed (
    meeting TEXT NOT NULL,
    participant TEXT NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (meeting, participant)
);

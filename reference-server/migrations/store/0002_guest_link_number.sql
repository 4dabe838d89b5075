-- Which of a room's successive guest links this is: a replaced one's claims admit no newcomer.
ALTER TABLE link ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;

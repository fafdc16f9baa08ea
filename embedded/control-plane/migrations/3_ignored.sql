-- Up Migration
-- Someone published a closing or an outcome of this approval that the executor did not sign.
ALTER TABLE approvals ADD ignored_statement boolean NOT NULL DEFAULT false;

-- Down Migration
ALTER TABLE approvals DROP ignored_statement;

-- Up Migration
-- What an execution other than a deployment set out to do, and when; null: it has not begun.
ALTER TABLE executions ADD operation jsonb;

-- Down Migration
ALTER TABLE executions DROP operation;

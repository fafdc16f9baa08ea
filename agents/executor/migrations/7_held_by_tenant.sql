-- Up Migration
-- Event ids are unique per tenant only: a decision of another tenant must not take the place of one held here.
ALTER TABLE held_decisions DROP CONSTRAINT held_decisions_pkey, ADD PRIMARY KEY (event_id, tenant);

-- Down Migration
DELETE FROM held_decisions h USING held_decisions o WHERE h.event_id = o.event_id AND h.tenant > o.tenant;
ALTER TABLE held_decisions DROP CONSTRAINT held_decisions_pkey, ADD PRIMARY KEY (event_id);

-- After an outage of days the outbox is long: the oldest waiting rows of a kind must not cost a scan or a sort.
CREATE INDEX outbox_waiting ON outbox (kind, id) WHERE parked_us IS NULL;

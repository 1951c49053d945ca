-- The outbox in months, and what repair and restore keep. Frozen: a change is a new file and migration.
-- Runs after 0001_chassis.sql and 0002_outbox_partitions.sql.

ALTER TABLE outbox RENAME TO outbox_before;
ALTER SEQUENCE outbox_id_seq RENAME TO outbox_before_id_seq;
ALTER INDEX outbox_pkey RENAME TO outbox_before_pkey;
ALTER INDEX outbox_unsent RENAME TO outbox_before_unsent;

CREATE TABLE outbox (
	id BIGINT GENERATED ALWAYS AS IDENTITY, 
	event_id UUID NOT NULL, 
	subject TEXT NOT NULL, 
	epoch INTEGER NOT NULL, 
	sequence BIGINT NOT NULL, 
	type TEXT NOT NULL, 
	body TEXT NOT NULL, 
	traceparent TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
	PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);

CREATE TABLE outbox_unsent (
	id BIGINT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	PRIMARY KEY (id)
);

select make_outbox_partition(month)
from (select distinct date_trunc('month', created_at at time zone 'utc')::date from outbox_before) as held (month);
select make_outbox_partitions(13);

insert into outbox (id, event_id, subject, epoch, sequence, type, body, traceparent, created_at)
overriding system value
select id, event_id, subject, coalesce((body::jsonb ->> 'epoch')::integer, 1), sequence, type, body, traceparent,
       created_at
from outbox_before order by id;
insert into outbox_unsent (id, created_at) select id, created_at from outbox_before where sent_at is null;
select setval('outbox_id_seq', last_value, is_called) from outbox_before_id_seq;
DROP TABLE outbox_before;

CREATE TABLE outbox_archived (
	month DATE NOT NULL, 
	events BIGINT NOT NULL, 
	digest BYTEA NOT NULL, 
	last_id BIGINT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	PRIMARY KEY (month)
);

ALTER TABLE inbox_waiting ADD COLUMN asked_at TIMESTAMP WITH TIME ZONE;

CREATE TABLE inbox_skipped (
	source TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	epoch INTEGER NOT NULL, 
	sequence BIGINT NOT NULL, 
	event_id UUID NOT NULL, 
	type TEXT NOT NULL, 
	body TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	error TEXT, 
	actor_id TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	PRIMARY KEY (source, subject, epoch, sequence)
);

CREATE TABLE inbox_diverged (
	source TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	kept_epoch INTEGER NOT NULL, 
	kept_sequence BIGINT NOT NULL, 
	applied_epoch INTEGER NOT NULL, 
	applied_sequence BIGINT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	PRIMARY KEY (source, subject, applied_epoch)
);

ALTER TABLE epoch ADD COLUMN stream_oid OID, ADD COLUMN timeline INTEGER, ADD COLUMN system_identifier BIGINT;

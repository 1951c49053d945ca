-- The chassis tables as every database's first migration makes them. Frozen: a change is a new file and migration.

CREATE TABLE audit (
	id BIGSERIAL NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	actor_id TEXT NOT NULL, 
	roles TEXT NOT NULL, 
	area TEXT NOT NULL, 
	purpose TEXT, 
	what TEXT NOT NULL, 
	about TEXT, 
	outcome TEXT NOT NULL, 
	decision_id UUID, 
	hash BYTEA NOT NULL, 
	PRIMARY KEY (id)
);

CREATE INDEX audit_about ON audit (about, id);

CREATE TABLE audit_head (
	singleton BOOLEAN DEFAULT true NOT NULL CHECK (singleton), 
	id BIGINT NOT NULL, 
	hash BYTEA NOT NULL, 
	PRIMARY KEY (singleton)
);

CREATE TABLE epoch (
	singleton BOOLEAN DEFAULT true NOT NULL CHECK (singleton), 
	number INTEGER NOT NULL, 
	PRIMARY KEY (singleton)
);

CREATE TABLE idempotency (
	actor_id TEXT NOT NULL, 
	key TEXT NOT NULL, 
	body_hash TEXT NOT NULL, 
	answer JSONB, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	PRIMARY KEY (actor_id, key)
);

CREATE TABLE inbox_cursor (
	source TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	epoch INTEGER DEFAULT '1' NOT NULL, 
	sequence BIGINT DEFAULT '0' NOT NULL, 
	PRIMARY KEY (source, subject)
);

CREATE TABLE inbox_waiting (
	source TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	epoch INTEGER NOT NULL, 
	sequence BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	state TEXT NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE, 
	waits_for TEXT, 
	error TEXT, 
	since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	PRIMARY KEY (source, subject, epoch, sequence), 
	CHECK (state in ('ahead', 'retry', 'not_yet', 'parked'))
);

CREATE INDEX inbox_due ON inbox_waiting (due_at) WHERE due_at is not null;

CREATE INDEX inbox_waits_for ON inbox_waiting (waits_for) WHERE waits_for is not null;

CREATE TABLE installation (
	singleton BOOLEAN DEFAULT true NOT NULL CHECK (singleton), 
	secret_check BYTEA NOT NULL, 
	PRIMARY KEY (singleton)
);

CREATE TABLE job (
	id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	args JSONB NOT NULL, 
	actor JSONB NOT NULL, 
	causation TEXT, 
	decision_id UUID, 
	traceparent TEXT, 
	state TEXT DEFAULT 'queued' NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	run_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	error TEXT, 
	PRIMARY KEY (id), 
	CHECK (state in ('queued', 'running', 'done', 'failed'))
);

CREATE INDEX job_open ON job (run_at) WHERE state in ('queued', 'running');

CREATE TABLE outbox (
	id BIGINT GENERATED ALWAYS AS IDENTITY, 
	event_id UUID NOT NULL, 
	subject TEXT NOT NULL, 
	sequence BIGINT NOT NULL, 
	type TEXT NOT NULL, 
	body TEXT NOT NULL, 
	traceparent TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	sent_at TIMESTAMP WITH TIME ZONE, 
	PRIMARY KEY (id), 
	UNIQUE (subject, sequence), 
	UNIQUE (event_id)
);

CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at is null;

CREATE TABLE stream (
	subject TEXT NOT NULL, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (subject)
);

insert into epoch (number) values (1);
insert into audit_head (id, hash) values (0, ''::bytea);

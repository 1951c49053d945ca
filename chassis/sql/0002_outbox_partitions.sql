-- One partition of the outbox a month, made ahead of the clock. Frozen: a change is a new file and migration.
-- Months are those of UTC. There is no default partition: a row that finds no month is refused aloud.

CREATE FUNCTION make_outbox_partition(month date) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
declare
    starts date := date_trunc('month', month::timestamp)::date;
    ends date := (starts + interval '1 month')::date;
    name text := 'outbox_y' || to_char(starts, 'YYYY') || 'm' || to_char(starts, 'MM');
begin
    if to_regclass('public.' || name) is not null then
        return false;
    end if;
    lock table public.outbox in share update exclusive mode;
    if to_regclass('public.' || name) is not null then
        return false;
    end if;
    execute 'create table public.' || name || ' (like public.outbox including defaults)';
    execute 'create unique index ' || name || '_event on public.' || name || ' (event_id)';
    execute 'create unique index ' || name || '_place on public.' || name || ' (subject, epoch, sequence)';
    execute 'alter table public.outbox attach partition public.' || name
        || ' for values from (' || quote_literal(starts || ' 00:00+00')
        || ') to (' || quote_literal(ends || ' 00:00+00') || ')';
    return true;
end
$$;

-- From the month of yesterday, so that a clock set back a little finds its month, to so many months ahead of this one.
CREATE FUNCTION make_outbox_partitions(months integer) RETURNS integer LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    select count(*)::integer from generate_series(
        date_trunc('month', (now() - interval '1 day') at time zone 'utc'),
        date_trunc('month', now() at time zone 'utc') + make_interval(months => least(months, 120)),
        interval '1 month') as wanted (month)
    where public.make_outbox_partition(month::date)
$$;

-- Numbers events per subject without holes and puts them into the outbox, one statement however many. A function, for
-- its plan is then made once a session: planning takes as long as doing it. `followers`: how many events of the same
-- subject come after one in the same transaction. Streams advance in subject order, so that nobody waits in a circle.
CREATE FUNCTION record_events(ids uuid[], subjects text[], followers integer[], types text[], heads text[], tails text[],
                              traces text[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
begin
    with given as (
        select * from unnest(ids, subjects, followers, types, heads, tails, traces)
            with ordinality as given (event_id, subject, followers, type, head, tail, traceparent, nth)
    ), advanced as (
        insert into public.stream (subject, sequence)
        select g.subject, count(*) from given g group by g.subject order by g.subject collate "C"
        on conflict (subject) do update set sequence = stream.sequence + excluded.sequence
        returning subject, sequence as last
    ), present as (
        select (
            select e.number from public.epoch e
            where coalesce(e.stream_oid, 'public.stream'::regclass::oid) = 'public.stream'::regclass::oid
        ) as epoch
    ), written as (
        insert into public.outbox (event_id, subject, epoch, sequence, type, body, traceparent)
        select g.event_id, g.subject, p.epoch, a.last - g.followers, g.type,
               g.head || '"epoch":' || p.epoch || ',"sequence":' || (a.last - g.followers) || g.tail, g.traceparent
        from given g join advanced a using (subject) cross join present p order by g.nth
        returning id, created_at
    )
    insert into public.outbox_unsent (id, created_at) select w.id, w.created_at from written w;
end
$$;

-- What is to be sent, oldest first, besides what is on its way already. A function, for its plan is then made once a
-- session, and may only look up row by row: otherwise PostgreSQL would at times read whole months for every batch,
-- such as one that was empty when the plan was made.
CREATE FUNCTION unsent_events(most integer, besides bigint[] DEFAULT '{}') RETURNS TABLE (
	id BIGINT, 
	type TEXT, 
	body TEXT, 
	traceparent TEXT, 
	created_at TIMESTAMP WITH TIME ZONE
) LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
SET enable_sort = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
begin
    if not exists (select from public.outbox_unsent) then
        return;
    end if;
    return query
    select o.id, o.type, o.body, o.traceparent, o.created_at
    from (select u.id, u.created_at from public.outbox_unsent u
          where u.id not in (select unnest(besides)) order by u.id limit most) as next
    join public.outbox o on o.id = next.id and o.created_at = next.created_at order by next.id;
end
$$;

REVOKE EXECUTE ON FUNCTION make_outbox_partition(date), make_outbox_partitions(integer) FROM PUBLIC;

-- Work to be done later, and news of what was done.

-- Whose turn it is: the organization served longest ago comes first.
create table task_turns (
    organization_id text primary key,
    turn bigint not null
);

create table tasks (
    kind text not null,
    unique_key text not null,
    -- Empty for the installation's own.
    organization_id text not null references task_turns (organization_id),
    payload text not null,
    -- Not before this moment; while a worker has it, the moment its lease ends. Milliseconds.
    run_at_ms bigint not null,
    -- Which claim of which worker has it; null if none.
    lease text,
    -- Asked for again while it ran, for this moment. Milliseconds.
    again_at_ms bigint,
    attempts bigint not null,
    -- Given up; kept until it is replayed or discarded.
    dead boolean not null default false,
    error text not null default '',
    created_ms bigint not null,
    primary key (kind, unique_key)
);
create index tasks_ready on tasks (organization_id, run_at_ms, kind, unique_key) where not dead;
create index tasks_dead on tasks (organization_id, created_ms, kind, unique_key) where dead;

create table events (
    organization_id text not null references organizations (id) on delete cascade,
    seq bigint not null,
    location_id text,
    kind text not null,
    subject_id text not null,
    payload text not null,
    at_s bigint not null,
    primary key (organization_id, seq)
);
create index events_by_time on events (at_s);

-- People's calendars at their providers: what opens them, what was read, what was written.

create table calendar_accounts (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    -- Whose; null for the business itself.
    technician_id text,
    provider text not null,
    name text not null,
    url text not null,
    login text not null,
    -- The credentials, encrypted; which key opens them stands in front.
    secret text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    foreign key (organization_id, technician_id) references technicians (organization_id, id)
        on delete cascade
);
create unique index calendar_accounts_by_organization on calendar_accounts (organization_id, id);
create index calendar_accounts_by_technician on calendar_accounts (technician_id);

create table calendars (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    account_id text not null,
    technician_id text,
    remote_id text not null,
    name text not null,
    writable boolean not null,
    blocks boolean not null,
    receives boolean not null,
    status text not null,
    error text not null,
    -- Faults in a row.
    failures bigint not null,
    -- Where the provider's list of changes goes on.
    cursor text,
    synced_s bigint,
    full_synced_s bigint,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    foreign key (organization_id, account_id) references calendar_accounts (organization_id, id)
        on delete cascade
);
create unique index calendars_by_organization on calendars (organization_id, id);
create unique index calendars_unique_remote_id on calendars (account_id, remote_id);
create index calendars_by_technician on calendars (technician_id);

-- Items of calendars that were read, with their versions.
create table calendar_items (
    calendar_id text not null references calendars (id) on delete cascade,
    remote_id text not null,
    etag text not null,
    primary key (calendar_id, remote_id)
);

-- Busy times that were read, each an absence.
create table calendar_busy (
    absence_id text primary key references absences (id) on delete cascade,
    calendar_id text not null references calendars (id) on delete cascade,
    remote_id text not null,
    start_s bigint not null,
    end_s bigint not null
);
create index calendar_busy_by_item on calendar_busy (calendar_id, remote_id);
create index calendar_busy_by_time on calendar_busy (calendar_id, start_s);

-- Visits in calendars: what shall stand there, and what was written last. A row outlives its visit
-- until the event is gone.
create table calendar_events (
    calendar_id text not null references calendars (id) on delete cascade,
    visit_id text not null,
    organization_id text not null references organizations (id) on delete cascade,
    -- How often the event was made anew.
    generation bigint not null,
    sequence bigint not null,
    -- Null while there is no event.
    remote_id text,
    etag text not null,
    -- What was written: its times, and a hash of all of it.
    start_s bigint,
    end_s bigint,
    content_hash text not null,
    -- Counts the wishes to write; what is done is up to this number.
    asked bigint not null,
    done bigint not null,
    primary key (calendar_id, visit_id)
);
create index calendar_events_by_visit on calendar_events (organization_id, visit_id);

create table calendar_conflicts (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    calendar_id text not null references calendars (id) on delete cascade,
    technician_id text,
    visit_id text not null,
    kind text not null,
    planned_s bigint not null,
    start_s bigint,
    end_s bigint,
    status text not null,
    created_s bigint not null,
    decided_s bigint
);
create index calendar_conflicts_by_created on calendar_conflicts (organization_id, created_s, id);
create index calendar_conflicts_open on calendar_conflicts (calendar_id, visit_id)
    where status = 'open';

create table calendar_feeds (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    technician_id text,
    team_id text,
    -- SHA-256 of the secret in the address, hexadecimal.
    token_hash text not null,
    created_s bigint not null,
    rotated_s bigint not null,
    used_s bigint,
    foreign key (organization_id, technician_id) references technicians (organization_id, id)
        on delete cascade,
    foreign key (organization_id, team_id) references teams (organization_id, id)
        on delete cascade
);
create unique index calendar_feeds_unique_token_hash on calendar_feeds (token_hash);
create index calendar_feeds_by_organization on calendar_feeds (organization_id, created_s, id);
create index calendar_feeds_by_technician on calendar_feeds (technician_id);
create index calendar_feeds_by_team on calendar_feeds (team_id);

-- What customers do by themselves: answers, files, bookings half filled in, the waitlist.

-- JSON: the questions as they were asked, with their answers.
alter table bookings add column answers text not null default '[]';
-- JSON: the parameters of the campaign that brought the customer, by name.
alter table bookings add column campaign text not null default '{}';

create table drafts (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    body text not null,
    created_s bigint not null,
    updated_s bigint not null
);
create index drafts_by_time on drafts (updated_s);
create index drafts_by_organization on drafts (organization_id, id);

create table uploads (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    -- The booking it was sent with; null until that is made.
    booking_id text references bookings (id) on delete cascade,
    name text not null,
    media_type text not null,
    size_bytes bigint not null,
    -- The file in base64.
    content text not null,
    created_s bigint not null
);
create index uploads_by_booking on uploads (booking_id);
create index uploads_by_time on uploads (organization_id, created_s, id);

create table waitlist_entries (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    location_id text not null,
    status text not null,
    name_key text not null,
    search text not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    foreign key (organization_id, location_id) references locations (organization_id, id)
);
create unique index waitlist_entries_by_organization on waitlist_entries (organization_id, id);
create index waitlist_entries_by_name on waitlist_entries (organization_id, name_key, id);
create index waitlist_entries_by_location on waitlist_entries (location_id, status, created_s);

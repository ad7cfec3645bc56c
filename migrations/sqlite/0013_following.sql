-- How far each organization's events have been followed by what acts on them later.

create table event_cursors (
    organization_id text primary key references organizations (id) on delete cascade,
    seq bigint not null
);
-- What happened before there were followers concerns none of them.
insert into event_cursors (organization_id, seq) select id, event_seq from organizations;

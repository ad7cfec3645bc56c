-- What technicians have seen of their days, and what they note about visits.

create table day_views (
    organization_id text not null,
    technician_id text not null,
    date text not null,
    stops text not null,
    at_s bigint not null,
    primary key (technician_id, date),
    foreign key (organization_id, technician_id) references technicians (organization_id, id)
        on delete cascade
);
create index day_views_by_time on day_views (at_s);

create table visit_notes (
    id text primary key,
    organization_id text not null,
    visit_id text not null,
    at_s bigint not null,
    -- Who wrote it, as in audit entries.
    author text not null,
    author_name text not null,
    body text not null,
    -- Media type and base64 of a photo; empty if there is none.
    photo_type text not null,
    photo text not null,
    foreign key (organization_id, visit_id) references visits (organization_id, id)
        on delete cascade
);
create index visit_notes_by_visit on visit_notes (visit_id, at_s, id);

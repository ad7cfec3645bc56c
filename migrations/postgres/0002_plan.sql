-- Visits, who does them, and what is agreed with customers.

-- Equality of ids beside overlap of spans in one constraint needs this extension of PostgreSQL.
create extension if not exists btree_gist with schema public;

create table visits (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    location_id text not null,
    job_id text not null,
    status text not null,
    -- The planned stay on site; null while unassigned.
    start_s bigint,
    end_s bigint,
    promised_from_s bigint,
    promised_until_s bigint,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    foreign key (organization_id, location_id) references locations (organization_id, id),
    foreign key (organization_id, job_id) references jobs (organization_id, id)
);
create unique index visits_by_organization on visits (organization_id, id);
create index visits_by_end on visits (location_id, end_s);
create index visits_by_job on visits (job_id);

-- The zones a visit's place lies in, as the program found them.
create table visit_zones (
    organization_id text not null,
    visit_id text not null,
    zone_id text not null,
    primary key (visit_id, zone_id),
    foreign key (organization_id, visit_id) references visits (organization_id, id)
        on delete cascade,
    foreign key (organization_id, zone_id) references zones (organization_id, id)
        on delete cascade
);
create index visit_zones_by_zone on visit_zones (zone_id);

create table assignments (
    organization_id text not null,
    visit_id text not null,
    role bigint not null,
    technician_id text not null,
    start_s bigint not null,
    end_s bigint not null,
    -- Driving before the visit, as it was planned.
    travel_s bigint not null,
    assigned_s bigint not null,
    -- Kept for history: the visit was called off, the time is free again.
    ended boolean not null default false,
    primary key (visit_id, role),
    check (start_s < end_s),
    constraint assignments_no_overlap exclude using gist
        (technician_id with =, int8range(start_s, end_s) with &&) where (not ended),
    foreign key (organization_id, visit_id) references visits (organization_id, id)
        on delete cascade,
    foreign key (organization_id, technician_id) references technicians (organization_id, id)
);
create index assignments_by_start on assignments (technician_id, start_s) where not ended;
create index assignments_by_end on assignments (technician_id, end_s);
create index assignments_by_decision on assignments (technician_id, assigned_s) where not ended;

create table equipment_uses (
    organization_id text not null,
    visit_id text not null,
    equipment_id text not null,
    location_id text not null,
    units bigint not null check (units > 0),
    start_s bigint not null,
    end_s bigint not null,
    primary key (visit_id, equipment_id, location_id),
    check (start_s < end_s),
    foreign key (organization_id, visit_id) references visits (organization_id, id)
        on delete cascade,
    foreign key (organization_id, equipment_id, location_id)
        references equipment_pools (organization_id, equipment_id, location_id)
);
create index equipment_uses_by_end on equipment_uses (equipment_id, location_id, end_s);

-- Use rises only where a use or a maintenance starts, so those moments are all there is to check.
-- The lock on the pool makes writers wait for each other; a foreign key's own lock on the same row
-- (for key share) is compatible with it, so two writers cannot end in a deadlock.
create function equipment_uses_capacity() returns trigger language plpgsql as $$
declare
    units_max bigint;
begin
    select units into units_max from equipment_pools
    where equipment_id = new.equipment_id and location_id = new.location_id
    for no key update;
    if exists (
        select 1 from (
            select new.start_s as at_s
            union
            select start_s from equipment_uses
            where equipment_id = new.equipment_id and location_id = new.location_id
                and start_s > new.start_s and start_s < new.end_s and end_s > new.start_s
            union
            select start_s from absences
            where equipment_id = new.equipment_id and location_id = new.location_id
                and start_s > new.start_s and start_s < new.end_s and end_s > new.start_s
        ) as moments
        where (
            select coalesce(sum(units), 0) from equipment_uses
            where equipment_id = new.equipment_id and location_id = new.location_id
                and start_s <= at_s and end_s > at_s
        ) + (
            select coalesce(sum(units), 0) from absences
            where equipment_id = new.equipment_id and location_id = new.location_id
                and start_s <= at_s and end_s > at_s
        ) > units_max
    ) then
        raise exception 'more units in use than exist'
            using errcode = 'check_violation', constraint = 'equipment_uses_capacity';
    end if;
    return null;
end
$$;
create trigger equipment_uses_capacity after insert or update on equipment_uses
for each row execute function equipment_uses_capacity();

create table holds (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    location_id text not null,
    visit_id text not null,
    expires_s bigint not null,
    body text not null,
    created_s bigint not null,
    foreign key (organization_id, visit_id) references visits (organization_id, id)
        on delete cascade,
    foreign key (organization_id, location_id) references locations (organization_id, id)
);
create unique index holds_unique_visit on holds (visit_id);
create index holds_by_expiry on holds (organization_id, expires_s);

create table bookings (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    location_id text not null,
    visit_id text not null,
    job_id text not null,
    customer_id text,
    site_id text,
    code text not null,
    status text not null,
    title text not null,
    description text not null,
    window_from_s bigint not null,
    window_until_s bigint not null,
    source text not null,
    cancel_reason text not null,
    decision text not null,
    search text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    check (window_from_s <= window_until_s),
    foreign key (organization_id, location_id) references locations (organization_id, id),
    foreign key (organization_id, visit_id) references visits (organization_id, id),
    foreign key (organization_id, job_id) references jobs (organization_id, id),
    foreign key (organization_id, customer_id) references customers (organization_id, id),
    foreign key (organization_id, site_id) references sites (organization_id, id)
);
create unique index bookings_unique_code on bookings (organization_id, code);
create unique index bookings_unique_visit on bookings (visit_id);
create index bookings_by_window on bookings (organization_id, window_from_s, id);
create index bookings_by_created on bookings (organization_id, created_s, id);
create index bookings_by_customer on bookings (customer_id);
create index bookings_by_site on bookings (site_id);
create index bookings_by_job on bookings (job_id);

-- One row for each day ever changed; a date is the location's own, as YYYY-MM-DD.
create table plan_versions (
    organization_id text not null,
    location_id text not null,
    date text not null,
    version bigint not null,
    primary key (location_id, date),
    foreign key (organization_id, location_id) references locations (organization_id, id)
        on delete cascade
);

-- Which visit made which version, so that a stale caller hears what moved.
create table plan_changes (
    location_id text not null,
    date text not null,
    version bigint not null,
    visit_id text not null,
    primary key (location_id, date, version, visit_id),
    foreign key (location_id, date) references plan_versions (location_id, date)
        on delete cascade
);

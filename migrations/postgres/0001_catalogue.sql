-- Organizations and what they set up. Times are seconds since 1970-01-01T00:00:00Z, ids are
-- UUIDs as text, `body` is the noun as JSON. `name_key` and `search` are folded by the program;
-- `name_key` sorts by code point, so that both databases agree.
create table organizations (
    id text primary key,
    slug text not null,
    name text not null,
    body text not null,
    revision bigint not null,
    -- Raised by every change of the catalogue.
    catalog_version bigint not null default 1,
    -- The last number given to an event.
    event_seq bigint not null default 0,
    created_s bigint not null,
    updated_s bigint not null
);
create unique index organizations_unique_slug on organizations (slug);

create table locations (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name_key text collate "C" not null,
    search text not null,
    time_zone text not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null
);
create unique index locations_by_organization on locations (organization_id, id);
create index locations_by_name on locations (organization_id, name_key, id);

create table skills (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name_key text collate "C" not null,
    search text not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null
);
create unique index skills_by_organization on skills (organization_id, id);
create unique index skills_unique_name on skills (organization_id, name_key);

create table zones (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name_key text collate "C" not null,
    search text not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null
);
create unique index zones_by_organization on zones (organization_id, id);
create index zones_by_name on zones (organization_id, name_key, id);

create table technicians (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    location_id text not null,
    name_key text collate "C" not null,
    search text not null,
    active boolean not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    foreign key (organization_id, location_id) references locations (organization_id, id)
);
create unique index technicians_by_organization on technicians (organization_id, id);
create index technicians_by_name on technicians (organization_id, name_key, id);
create index technicians_by_location on technicians (location_id);

create table members (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    technician_id text,
    name_key text collate "C" not null,
    search text not null,
    email_key text not null,
    role text not null,
    active boolean not null,
    -- Argon2 in PHC form; null until a password is set.
    password_hash text,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    foreign key (organization_id, technician_id) references technicians (organization_id, id)
);
create unique index members_by_organization on members (organization_id, id);
create unique index members_unique_email on members (email_key);
create index members_by_name on members (organization_id, name_key, id);

create table teams (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name_key text collate "C" not null,
    search text not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null
);
create unique index teams_by_organization on teams (organization_id, id);
create index teams_by_name on teams (organization_id, name_key, id);

create table equipment (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name_key text collate "C" not null,
    search text not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null
);
create unique index equipment_by_organization on equipment (organization_id, id);
create index equipment_by_name on equipment (organization_id, name_key, id);

-- Units of one kind shared at one location; kept in step with the body of the equipment.
create table equipment_pools (
    organization_id text not null,
    equipment_id text not null,
    location_id text not null,
    units bigint not null check (units >= 0),
    primary key (organization_id, equipment_id, location_id),
    foreign key (organization_id, equipment_id) references equipment (organization_id, id)
        on delete cascade,
    foreign key (organization_id, location_id) references locations (organization_id, id)
);
create index equipment_pools_by_location on equipment_pools (location_id);

create table absences (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    technician_id text,
    equipment_id text,
    location_id text,
    units bigint not null,
    start_s bigint not null,
    end_s bigint not null,
    name_key text collate "C" not null,
    search text not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    check (start_s < end_s),
    foreign key (organization_id, technician_id) references technicians (organization_id, id)
        on delete cascade,
    foreign key (organization_id, equipment_id) references equipment (organization_id, id)
        on delete cascade,
    foreign key (organization_id, location_id) references locations (organization_id, id)
);
create unique index absences_by_organization on absences (organization_id, id);
create index absences_by_start on absences (organization_id, start_s, id);
create index absences_by_technician on absences (technician_id, end_s);
create index absences_by_equipment on absences (equipment_id, location_id, end_s);
create index absences_by_location on absences (location_id);

create table services (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name_key text collate "C" not null,
    search text not null,
    active boolean not null,
    public boolean not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null
);
create unique index services_by_organization on services (organization_id, id);
create index services_by_name on services (organization_id, name_key, id);

create table packages (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name_key text collate "C" not null,
    search text not null,
    public boolean not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null
);
create unique index packages_by_organization on packages (organization_id, id);
create index packages_by_name on packages (organization_id, name_key, id);

create table customers (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name_key text collate "C" not null,
    search text not null,
    email_key text,
    external_ref text,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null
);
create unique index customers_by_organization on customers (organization_id, id);
create index customers_by_name on customers (organization_id, name_key, id);
create index customers_by_email on customers (organization_id, email_key);
create index customers_by_external_ref on customers (organization_id, external_ref);

create table sites (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    customer_id text not null,
    name_key text collate "C" not null,
    search text not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    foreign key (organization_id, customer_id) references customers (organization_id, id)
);
create unique index sites_by_organization on sites (organization_id, id);
create index sites_by_name on sites (organization_id, name_key, id);
create index sites_by_customer on sites (customer_id);

create table jobs (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    location_id text not null,
    customer_id text,
    site_id text,
    name_key text collate "C" not null,
    search text not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    foreign key (organization_id, location_id) references locations (organization_id, id),
    foreign key (organization_id, customer_id) references customers (organization_id, id),
    foreign key (organization_id, site_id) references sites (organization_id, id)
);
create unique index jobs_by_organization on jobs (organization_id, id);
create index jobs_by_name on jobs (organization_id, name_key, id);
create index jobs_by_customer on jobs (customer_id);
create index jobs_by_site on jobs (site_id);
create index jobs_by_location on jobs (location_id);

-- What the body of one row refers to: the skills of a technician, the services of a package.
-- Keeps what is referred to from being deleted, and organizations apart.
create table links (
    organization_id text not null references organizations (id) on delete cascade,
    noun text not null,
    id text not null,
    target_noun text not null,
    target_id text not null,
    primary key (id, target_id)
);
create index links_by_target on links (target_id);

-- Optimizer runs, and the proposals they end with.

create table optimizations (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    -- The first location of the scope; the others are in the body.
    location_id text not null,
    status text not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    foreign key (organization_id, location_id) references locations (organization_id, id)
        on delete cascade
);
create unique index optimizations_by_organization on optimizations (organization_id, id);
create index optimizations_by_created on optimizations (organization_id, created_s, id);
create index optimizations_by_location on optimizations (organization_id, location_id);

create table proposals (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    optimization_id text not null,
    status text not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    foreign key (organization_id, optimization_id) references optimizations (organization_id, id)
        on delete cascade
);
create unique index proposals_unique_optimization on proposals (optimization_id);
create index proposals_by_created on proposals (organization_id, created_s, id);

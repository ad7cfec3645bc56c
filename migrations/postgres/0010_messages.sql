-- Links in messages, and who was told what.

create unique index bookings_unique_for_links on bookings (organization_id, id);

-- A booking without a row has version 1; raising it takes back all links given out so far.
create table booking_links (
    booking_id text primary key,
    organization_id text not null,
    version bigint not null,
    foreign key (organization_id, booking_id) references bookings (organization_id, id)
        on delete cascade
);
create index booking_links_by_organization on booking_links (organization_id);

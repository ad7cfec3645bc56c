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

-- Everything that is told to somebody outside. History stays when what it is about is deleted, so
-- these rows refer to nothing but their organization.
create table messages (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    -- What makes it the same message: one with the same key is not written twice.
    unique_key text not null,
    -- Messages of one lane go out one after the other, by turn, then by seq. The turn is the moment
    -- a message was meant for first; one that is tried again keeps it, so that none overtakes it.
    lane text not null,
    turn_s bigint not null,
    seq bigint not null,
    kind text not null,
    channel text not null,
    status text not null,
    due_s bigint not null,
    visit_id text,
    booking_id text,
    customer_id text,
    technician_id text,
    webhook_id text,
    body text not null,
    attempts bigint not null,
    provider_id text not null,
    error text not null,
    created_s bigint not null,
    updated_s bigint not null,
    sent_s bigint
);
create unique index messages_unique_key on messages (organization_id, unique_key);
create index messages_by_lane on messages (organization_id, lane, turn_s, seq);
create index messages_by_created on messages (organization_id, created_s, id);
create index messages_by_booking on messages (booking_id, created_s, id);
create index messages_by_visit on messages (visit_id, created_s, id);
create index messages_by_webhook on messages (webhook_id, created_s, id);
create index messages_by_provider on messages (provider_id) where provider_id <> '';

create table message_attempts (
    message_id text not null references messages (id) on delete cascade,
    number bigint not null,
    started_s bigint not null,
    -- Null while it is under way, and for ever if it was cut short.
    ended_s bigint,
    outcome text not null,
    detail text not null,
    primary key (message_id, number)
);

-- What everybody concerned was last told about a visit.
create table message_states (
    visit_id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    body text not null
);
create index message_states_by_organization on message_states (organization_id);

create table message_settings (
    organization_id text primary key references organizations (id) on delete cascade,
    body text not null,
    revision bigint not null,
    updated_s bigint not null
);

create table message_templates (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name_key text not null,
    search text not null,
    kind text not null,
    channel text not null,
    locale text not null,
    service_id text,
    active boolean not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null,
    foreign key (organization_id, service_id) references services (organization_id, id)
        on delete cascade
);
create unique index message_templates_by_organization on message_templates (organization_id, id);
create index message_templates_by_kind on message_templates (organization_id, kind, channel, locale);
create index message_templates_by_service on message_templates (service_id);

create table consents (
    customer_id text not null,
    organization_id text not null,
    channel text not null,
    granted boolean not null,
    source text not null,
    at_s bigint not null,
    primary key (customer_id, channel),
    foreign key (organization_id, customer_id) references customers (organization_id, id)
        on delete cascade
);
create index consents_by_organization on consents (organization_id, customer_id);

create table webhooks (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name_key text not null,
    search text not null,
    active boolean not null,
    body text not null,
    revision bigint not null,
    created_s bigint not null,
    updated_s bigint not null
);
create unique index webhooks_by_organization on webhooks (organization_id, id);

-- Secrets are derived from the server's and a number; a webhook without a row has number 1. The
-- one before is good until it expires.
create table webhook_secrets (
    webhook_id text primary key,
    organization_id text not null,
    version bigint not null,
    previous_until_s bigint not null,
    foreign key (organization_id, webhook_id) references webhooks (organization_id, id)
        on delete cascade
);
create index webhook_secrets_by_organization on webhook_secrets (organization_id, webhook_id);

-- Browsers and telephones of technicians that take notifications.
create table push_subscriptions (
    endpoint text primary key,
    organization_id text not null,
    technician_id text not null,
    p256dh text not null,
    auth text not null,
    created_s bigint not null,
    foreign key (organization_id, technician_id) references technicians (organization_id, id)
        on delete cascade
);
create index push_subscriptions_by_technician on push_subscriptions (organization_id, technician_id);

-- Who has written to the WhatsApp number of the server, and when last: free words are allowed for
-- 24 hours after that. The number is digits only; WhatsApp's own name for the person may be unknown.
create table whatsapp_people (
    phone text primary key,
    user_id text not null,
    written_s bigint not null
);

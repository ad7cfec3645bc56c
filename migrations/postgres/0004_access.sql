-- Who may come in, what they did, and what was answered.

create table sessions (
    -- SHA-256 of the token, hexadecimal.
    token_hash text primary key,
    organization_id text not null,
    member_id text not null,
    csrf_token text not null,
    created_s bigint not null,
    expires_s bigint not null,
    foreign key (organization_id, member_id) references members (organization_id, id)
        on delete cascade
);
create index sessions_by_member on sessions (member_id);
create index sessions_by_expiry on sessions (expires_s);

create table api_keys (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name text not null,
    -- First characters of the key, to tell keys apart on a screen.
    prefix text not null,
    -- SHA-256 of the key, hexadecimal.
    key_hash text not null,
    -- Scopes, separated by spaces.
    scopes text not null,
    created_s bigint not null,
    used_s bigint,
    revoked_s bigint
);
create unique index api_keys_unique_key_hash on api_keys (key_hash);
create index api_keys_by_organization on api_keys (organization_id, created_s, id);

create table audit (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    at_s bigint not null,
    actor text not null,
    action text not null,
    noun text not null,
    noun_id text not null,
    value_before text not null,
    value_after text not null
);
create index audit_by_time on audit (organization_id, at_s, id);
create index audit_by_noun on audit (organization_id, noun_id, at_s, id);

create table idempotency_keys (
    organization_id text not null references organizations (id) on delete cascade,
    key text not null,
    -- SHA-256 of method, path and body.
    request_hash text not null,
    -- Null while the request is under way.
    status bigint,
    response text,
    created_s bigint not null,
    primary key (organization_id, key)
);
create index idempotency_keys_by_time on idempotency_keys (created_s);

-- Failed log-ins by address or account, to slow down guessing.
create table throttles (
    key text primary key,
    failures bigint not null,
    blocked_until_s bigint not null,
    updated_s bigint not null
);
create index throttles_by_time on throttles (updated_s);

-- Channels by which providers tell of changes in calendars.

create table calendar_channels (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    calendar_id text not null references calendars (id) on delete cascade,
    -- How the provider names the channel, and what it watches.
    remote_id text not null,
    resource text not null,
    -- SHA-256 of the secret that the provider sends along, hexadecimal.
    token_hash text not null,
    until_s bigint not null
);
create index calendar_channels_by_calendar on calendar_channels (calendar_id);
create index calendar_channels_by_token on calendar_channels (token_hash);

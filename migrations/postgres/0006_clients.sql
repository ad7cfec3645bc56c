-- From which client address a hold of anyone comes, so that no address holds everything.

alter table holds add column client text;
create index holds_by_client on holds (organization_id, client) where client is not null;

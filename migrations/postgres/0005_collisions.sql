-- Maintenance never takes units that visits use, and lapsed holds are remembered for a while.

-- The same moments as for a use; maintenance of what nobody uses is nobody's business.
-- The lock on the pool is the one that uses take.
create function absences_capacity() returns trigger language plpgsql as $$
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
        where exists (
            select 1 from equipment_uses
            where equipment_id = new.equipment_id and location_id = new.location_id
                and start_s <= at_s and end_s > at_s
        ) and (
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
create trigger absences_capacity after insert or update on absences
for each row when (new.equipment_id is not null) execute function absences_capacity();

-- Holds that lapsed and were dropped, so that whoever comes too late hears just that.
create table lapsed_holds (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    lapsed_s bigint not null
);
create index lapsed_holds_by_time on lapsed_holds (lapsed_s);

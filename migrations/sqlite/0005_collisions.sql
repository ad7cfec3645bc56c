-- Maintenance never takes units that visits use, and lapsed holds are remembered for a while.

-- The same moments as for a use; maintenance of what nobody uses is nobody's business.
create trigger absences_capacity_insert after insert on absences
when new.equipment_id is not null begin
    select raise(abort, 'equipment_uses_capacity') where exists (
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
        ) > (
            select units from equipment_pools
            where equipment_id = new.equipment_id and location_id = new.location_id
        )
    );
end;
create trigger absences_capacity_update after update on absences
when new.equipment_id is not null begin
    select raise(abort, 'equipment_uses_capacity') where exists (
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
        ) > (
            select units from equipment_pools
            where equipment_id = new.equipment_id and location_id = new.location_id
        )
    );
end;

-- Holds that lapsed and were dropped, so that whoever comes too late hears just that.
create table lapsed_holds (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    lapsed_s bigint not null
);
create index lapsed_holds_by_time on lapsed_holds (lapsed_s);

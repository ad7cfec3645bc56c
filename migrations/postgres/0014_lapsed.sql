-- What a hold that lapsed was about, so that whoever comes too late is shown what else can be had.

alter table lapsed_holds add column body text;

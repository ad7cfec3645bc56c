/** The rows of the board: technicians in groups, then the equipment; and what stands in each. */
import { stopsOf, type Day, type Person, type Plan, type Technician, type Waiting } from './plan.svelte';
import { fold, t } from '../../shared/text';

export const HEIGHTS = { group: 30, person: 58, equipment: 44 } as const;

export interface GroupRow { kind: 'group'; key: string; title: string; count: number }
export interface PersonRow { kind: 'person'; key: string; id: string; name: string; technician: Technician | undefined; days: Person[]; group: string }
export interface EquipmentRow { kind: 'equipment'; key: string; name: string; units: number; days: Day['equipment'] }
export type Row = (GroupRow | PersonRow | EquipmentRow) & { y: number };
export type Grouping = 'zone' | 'team' | 'none';

/** The zones and teams that people may be grouped by, and who belongs where. */
function groupOf(plan: Plan, id: string, by: Grouping): string {
  if (by === 'team') return plan.teams.find((team) => team.technician_ids.includes(id))?.name ?? t('board.no_team');
  if (by === 'zone') {
    const covered = plan.technicians.get(id)?.zones ?? [];
    const first = covered.find((one) => one.level === 'primary') ?? covered[0];
    return plan.zones.find((zone) => zone.id === first?.zone_id)?.name ?? t('board.everywhere');
  }
  return '';
}

export interface Wishes { by: Grouping; text: string; zone: string; skill: string; closed: Set<string> }

/** All rows from the top, each with the pixel at which it begins. */
export function rowsOf(plan: Plan, wishes: Wishes): { rows: Row[]; height: number } {
  const people = new Map<string, PersonRow>();
  for (const day of plan.days) {
    for (const person of day.technicians) {
      let row = people.get(person.technician_id);
      if (!row) {
        const id = person.technician_id;
        row = { kind: 'person', key: id, id, name: person.name, technician: plan.technicians.get(id), days: [], group: groupOf(plan, id, wishes.by) };
        people.set(id, row);
      }
      row.days.push(person);
    }
  }
  const text = fold(wishes.text);
  const wanted = [...people.values()].filter((row) => {
    if (wishes.zone && !row.technician?.zones?.some((one) => one.zone_id === wishes.zone)) return false;
    if (wishes.skill && !row.technician?.skills?.some((one) => one.skill_id === wishes.skill)) return false;
    return !text || fold(row.name).includes(text) || row.days.some((day) => stopsOf(day).some((stop) => fold(`${stop.title} ${stop.customer} ${stop.booking_code ?? ''} ${stop.place?.address?.street ?? ''}`).includes(text)));
  });
  const groups = new Map<string, PersonRow[]>();
  for (const row of wanted) {
    const members = groups.get(row.group);
    if (members) members.push(row);
    else groups.set(row.group, [row]);
  }
  const rows: Row[] = [];
  let y = 0;
  const push = (row: GroupRow | PersonRow | EquipmentRow) => {
    rows.push({ ...row, y });
    y += HEIGHTS[row.kind];
  };
  for (const [title, members] of [...groups].sort(([a], [b]) => a.localeCompare(b))) {
    if (title) push({ kind: 'group', key: `group ${title}`, title, count: members.length });
    if (!wishes.closed.has(title)) members.forEach(push);
  }
  const kinds = new Map<string, EquipmentRow>();
  for (const day of plan.days) {
    for (const kind of day.equipment) {
      const row = kinds.get(kind.equipment_id) ?? { kind: 'equipment', key: kind.equipment_id, name: kind.name, units: kind.units, days: [] };
      row.days.push(kind);
      kinds.set(kind.equipment_id, row);
    }
  }
  if (kinds.size > 0 && !text) {
    const title = t('board.equipment');
    push({ kind: 'group', key: 'equipment', title, count: kinds.size });
    if (!wishes.closed.has(title)) [...kinds.values()].forEach(push);
  }
  return { rows, height: y };
}

/** Whether a waiting visit is what is searched for. */
export const matches = (visit: Waiting, text: string): boolean =>
  !text || fold(`${visit.title} ${visit.customer} ${visit.place.address?.street ?? ''}`).includes(fold(text));

/** How full a day is, and whether it runs late. */
export interface State { used: number; worked: number; behind: number; broken: number; overtime: number; away: boolean; conflict: boolean; visits: number; drive: number }

export function stateOf(row: { days: Person[] }, now: number): State {
  const state: State = { used: 0, worked: 0, behind: 0, broken: 0, overtime: 0, away: false, conflict: false, visits: 0, drive: 0 };
  for (const day of row.days) {
    if (day.shifts.length === 0 && day.absences.length > 0) state.away = true;
    for (const shift of day.shifts) {
      state.worked += Date.parse(shift.end) - Date.parse(shift.start);
      state.overtime += shift.overtime_s;
      state.conflict ||= !shift.feasible;
      state.drive += (shift.drive_home?.seconds ?? 0) * 1000;
    }
    for (const stop of stopsOf(day)) {
      if (!stop.visit_id || !stop.start || !stop.end) continue;
      const [start, end] = [Date.parse(stop.start), Date.parse(stop.end)];
      state.visits += 1;
      state.conflict ||= stop.status === 'planned' && day.absences.some((one) => Date.parse(one.start) < end && Date.parse(one.end) > start);
      state.used += end - start;
      state.drive += (stop.drive?.seconds ?? 0) * 1000;
      state.behind = Math.max(state.behind, lateness(stop, now));
      if (stop.promised && start > Date.parse(stop.promised.until)) state.broken += 1;
    }
  }
  state.used += state.drive;
  return state;
}

/** Milliseconds by which a visit is behind its plan: not begun although its time has come, or overrunning. */
export function lateness(stop: { start?: string | null; end?: string | null; status?: string | null; actual?: { extra_s: number; finished_at?: string | null } | null }, now: number): number {
  if (!stop.start || !stop.end) return 0;
  const [start, end] = [Date.parse(stop.start), Date.parse(stop.end)];
  switch (stop.status) {
    case 'planned': return Math.max(0, now - start);
    case 'en_route': return Math.max(0, now - start);
    case 'arrived': case 'started': return Math.max(0, now - end, (stop.actual?.extra_s ?? 0) * 1000);
    default: return 0;
  }
}

/** Minutes beyond the plan with some more: a report replaces the one before, and buttons add to what was noted. */
export const extraWith = (stop: { actual?: { extra_s: number } | null } | null | undefined, minutes: number) => Math.min(1440, Math.round((stop?.actual?.extra_s ?? 0) / 60) + minutes);

/** Whether one can report about a visit now: from a day before it is planned to a day after it ends. */
export function reportable(stop: { start?: string | null; end?: string | null; status?: string | null }, now: number): boolean {
  if (!stop.start || !stop.end || stop.status === 'finished') return false;
  return now >= Date.parse(stop.start) - 86_400_000 && now <= Date.parse(stop.end) + 86_400_000;
}

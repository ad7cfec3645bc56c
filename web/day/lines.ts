/** A day as lines from top to bottom: drives, visits, breaks, absences, and the way home. */
import type { Day, Stop } from './days.svelte';

export type Line =
  | { kind: 'drive'; seconds: number; metres: number; home: boolean }
  | { kind: 'visit'; stop: Stop }
  | { kind: 'pause'; from: string; until: string; absence: boolean }
  | { kind: 'home'; at: string };

export const isVisit = (stop: Stop): boolean => Boolean(stop.visit_id) && !stop.held_until;

/** All visits of a day in order; what is only held is not for the road yet. */
export const visits = (day: Day | undefined): Stop[] =>
  day ? [...day.shifts.flatMap((shift) => shift.stops), ...day.outside].filter(isVisit) : [];

export function lines(day: Day): Line[] {
  const found: Line[] = [];
  for (const shift of day.shifts) {
    const pauses = shift.breaks.map((one) => ({ kind: 'pause' as const, from: one.start, until: one.end, absence: one.is_absence }));
    const before = (at: string | null | undefined) => {
      while (pauses.length > 0 && at && pauses[0].from < at) found.push(pauses.shift()!);
    };
    for (const stop of shift.stops) {
      before(stop.planned_start);
      if (stop.held_until) continue;
      if (stop.drive && stop.drive.seconds >= 30) found.push({ kind: 'drive', seconds: stop.drive.seconds, metres: stop.drive.metres, home: false });
      if (stop.visit_id) found.push({ kind: 'visit', stop });
      else if (stop.planned_start && stop.planned_end) found.push({ kind: 'pause', from: stop.planned_start, until: stop.planned_end, absence: Boolean(stop.absence_id) });
    }
    found.push(...pauses);
    if (shift.drive_home && shift.stops.some((stop) => stop.visit_id)) {
      if (shift.drive_home.seconds >= 30) found.push({ kind: 'drive', seconds: shift.drive_home.seconds, metres: shift.drive_home.metres, home: true });
      if (shift.arrival) found.push({ kind: 'home', at: shift.arrival });
    }
  }
  for (const stop of day.outside.filter(isVisit)) found.push({ kind: 'visit', stop });
  return found;
}

/** What to take along for a day, each thing as many times as the visit that needs most of it. */
export function toBring(day: Day | undefined): { name: string; units: number }[] {
  const most = new Map<string, number>();
  for (const stop of visits(day)) {
    for (const one of stop.equipment) most.set(one.name, Math.max(most.get(one.name) ?? 0, one.units));
  }
  return [...most].map(([name, units]) => ({ name, units })).sort((a, b) => a.name.localeCompare(b.name));
}

/** Where a phone's own map takes one. */
export function directions(stop: Stop): string {
  const { lat, lon } = stop.place ?? { lat: 0, lon: 0 };
  return /iPhone|iPad|Macintosh/.test(navigator.userAgent)
    ? `https://maps.apple.com/?daddr=${lat},${lon}&dirflg=d`
    : `https://www.google.com/maps/dir/?api=1&travelmode=driving&destination=${lat},${lon}`;
}

/** An address in one line. */
export function address(stop: Stop): string {
  const known = stop.place?.address;
  if (!known) return '';
  const street = [known.street, known.house_number].filter(Boolean).join(' ');
  const town = [known.postcode, known.city].filter(Boolean).join(' ');
  return [street, town].filter(Boolean).join(', ');
}

/** Civil dates and instants: everything is placed by instant, and named in the location's zone. */

const MINUTE = 60_000;
export const HOUR = 3_600_000;

const parts = new Map<string, Intl.DateTimeFormat>();
function fields(at: number, zone: string): Record<string, number> {
  let format = parts.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' });
    parts.set(zone, format);
  }
  const found: Record<string, number> = {};
  for (const part of format.formatToParts(at)) if (part.type !== 'literal') found[part.type] = Number(part.value);
  return found;
}

/** Milliseconds that the zone is ahead of UTC at an instant. */
export function offset(at: number, zone: string): number {
  const f = fields(at, zone);
  return Date.UTC(f.year, f.month - 1, f.day, f.hour, f.minute, f.second) - Math.floor(at / 1000) * 1000;
}

/** The date `2026-11-30` of an instant in a zone. */
export function dateOf(at: number, zone: string): string {
  const f = fields(at, zone);
  return `${f.year}-${String(f.month).padStart(2, '0')}-${String(f.day).padStart(2, '0')}`;
}

/** The first instant of a date in a zone; of a time that a clock change skips, the one after it. */
export function startOf(date: string, zone: string, minutes = 0): number {
  const wall = Date.parse(`${date}T00:00:00Z`) + minutes * MINUTE;
  const guess = wall - offset(wall, zone);
  return wall - offset(guess, zone);
}

/** The date some days later. */
export function shifted(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 24 * HOUR).toISOString().slice(0, 10);
}

/** The first day of the date's week; weeks begin where the reader's language says. */
export function weekOf(date: string, locale: string): string[] {
  const first = locale === 'en' || locale === 'es' || locale === 'is' ? 1 : 0;
  const day = new Date(`${date}T00:00:00Z`).getUTCDay();
  const start = shifted(date, -((day - first + 7) % 7));
  return Array.from({ length: 7 }, (_, index) => shifted(start, index));
}

/** Whether a text is a date. */
export const isDate = (text: string | null): text is string =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

/** The address that somebody typed and the point that is meant by it. */
import type { Schemas } from '../../shared/api';

export interface Value { lat: number; lon: number; address?: Record<string, string> }

/** Where a map begins for a place that has no point yet. */
export const START = { lat: 64.14, lon: -21.92 };

type Found = Pick<Schemas['AddressFound'], 'complete' | 'place'>;

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[\s,.]+/g, ' ').trim();

/** Metres between two points that are not far from each other. */
export function apart(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const degree = 111_195;
  const east = (a.lon - b.lon) * Math.cos(((a.lat + b.lat) * Math.PI) / 360);
  return Math.hypot(a.lat - b.lat, east) * degree;
}

/** The house that is meant: one that has street and number as they were typed, and is the only such place. */
export function meant(address: Record<string, string>, items: Found[]): { lat: number; lon: number } | null {
  const typed = plain(`${address.street ?? ''} ${address.house_number ?? ''}`);
  const same = (wanted: string | undefined, its = '') => !wanted?.trim() || plain(wanted) === plain(its);
  const fits = ({ complete, place: { address: its } }: Found) => {
    if (!complete || !its) return false;
    const house = plain(`${its.street ?? ''} ${its.house_number ?? ''}`);
    // Whoever writes everything into the first field writes postcode and town after the house.
    const starts = typed === house || typed.startsWith(`${house} `);
    return starts && same(address.postcode, its.postcode) && same(address.city, its.city);
  };
  const [first, ...others] = items.filter(fits).map((one) => one.place);
  return first && others.every((other) => apart(first, other) < 250) ? { lat: first.lat, lon: first.lon } : null;
}

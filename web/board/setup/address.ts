/** The address that somebody typed and the point that is meant by it. */
import type { Schemas } from '../../shared/api';
import { fold } from '../../shared/text';

export interface Value { lat: number; lon: number; address?: Record<string, string> }

/** Where a map begins for a place that has no point yet. */
export const START = { lat: 64.14, lon: -21.92 };

type Found = Pick<Schemas['AddressFound'], 'complete' | 'place'>;

const plain = (text: string) => fold(text).replace(/[\s,.]+/g, ' ').trim();

/** Metres between two points that are not far from each other. */
export function apart(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const degree = 111_195;
  const east = (a.lon - b.lon) * Math.cos(((a.lat + b.lat) * Math.PI) / 360);
  return Math.hypot(a.lat - b.lat, east) * degree;
}

/** What is meant by an address as it was typed: a house that has its street and number, or a street; the only such place. */
export function meant(address: Record<string, string>, items: Found[], complete = true): { lat: number; lon: number } | null {
  const typed = plain(`${address.street ?? ''} ${address.house_number ?? ''}`);
  const same = (wanted: string | undefined, its = '') => !wanted?.trim() || plain(wanted) === plain(its);
  const fits = (one: Found) => {
    const its = one.place.address;
    if (one.complete !== complete || !its) return false;
    const name = plain(`${its.street ?? ''} ${its.house_number ?? ''}`);
    // Whoever writes everything into the first field writes postcode and town after the house.
    const starts = typed === name || typed.startsWith(`${name} `);
    return starts && same(address.postcode, its.postcode) && same(address.city, its.city);
  };
  const [first, ...others] = items.filter(fits).map((one) => one.place);
  return first && others.every((other) => apart(first, other) < 250) ? { lat: first.lat, lon: first.lon } : null;
}

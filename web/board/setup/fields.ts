/** What a form is made of. A field's name is its path in the thing: `slots.notice_min`. */

export type NounKey =
  | 'locations' | 'teams' | 'skills' | 'technicians' | 'absences' | 'equipment' | 'zones' | 'services' | 'packages' | 'customers' | 'sites' | 'members' | 'message-templates' | 'webhooks';

interface Common {
  name: string;
  /** The key of its label below `setup.field`, if it is not the name. */
  label?: string;
  required?: boolean;
  /** May be left out: sent as null when it is empty. */
  optional?: boolean;
  /** Whether it is shown for the thing as it is now. */
  when?: (thing: Thing) => boolean;
}

export type Field = Common & (
  | { kind: 'text' | 'words' | 'email' | 'phone' | 'date' | 'clock' | 'moment' | 'zone' | 'password' }
  | { kind: 'number'; unit?: 'min' | 'm' | 's' | 'level' }
  | { kind: 'flag' }
  | { kind: 'choice'; of: readonly string[] }
  | { kind: 'one' | 'many'; of: NounKey; ordered?: boolean }
  | { kind: 'place' | 'hours' | 'shape' | 'travel' | 'locale' | 'questions' }
  | { kind: 'checks'; of: readonly string[] }
  | { kind: 'lines' | 'before' }
  | { kind: 'list'; fields: Field[]; fresh: () => Thing }
);

export interface Group { title: string; fields: Field[] }

export type Thing = Record<string, unknown>;

/** The value at a path. */
export function at(thing: unknown, path: string): unknown {
  let value = thing;
  for (const part of path.split('.')) value = (value as Thing | null | undefined)?.[part];
  return value;
}

/** The thing with another value at a path. */
export function withValue(thing: Thing, path: string, value: unknown): Thing {
  const [first, ...rest] = path.split('.');
  if (rest.length === 0) return { ...thing, [first]: value };
  return { ...thing, [first]: withValue((thing[first] as Thing | null) ?? {}, rest.join('.'), value) };
}

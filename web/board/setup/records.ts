/** Things of any noun over the API, which has the same shape for all of them. */
import { all, request } from '../../shared/api';
import type { Thing } from './fields';

export type Stored = Thing & { id: string; revision: number };
export interface Page { items: Stored[]; next_cursor?: string | null }

const send = <T>(method: string, path: string, body?: unknown, revision?: number): Promise<T> =>
  request(method, `/api/v1/${path}`, { body, revision, idempotencyKey: method === 'POST' ? crypto.randomUUID() : undefined });

export const list = (noun: string, query: Record<string, string>): Promise<Page> => send('GET', `${noun}?${new URLSearchParams(query)}`);
export const read = (noun: string, id: string): Promise<Stored> => send('GET', `${noun}/${id}`);
export const create = (noun: string, thing: Thing): Promise<Stored> => send('POST', noun, thing);
export const change = (noun: string, thing: Stored): Promise<Stored> => send('PUT', `${noun}/${thing.id}`, thing, thing.revision);
export const remove = (noun: string, id: string): Promise<void> => send('DELETE', `${noun}/${id}`);
export const ask = <T>(path: string): Promise<T> => send('GET', path);
export const tell = <T>(path: string, body: unknown): Promise<T> => send('POST', path, body);
export const put = <T>(path: string, body: unknown, revision?: number): Promise<T> => send('PUT', path, body, revision);

/** All things of a noun, for choosing among them. */
export const everything = (noun: string): Promise<Stored[]> =>
  all((cursor) => list(noun, { limit: '200', ...(cursor ? { cursor } : {}) }));

const known = new Map<string, Promise<Stored[]>>();
/** The same, read once for a form; forgotten when something of the noun changes. */
export function choices(noun: string): Promise<Stored[]> {
  let found = known.get(noun);
  if (!found) {
    found = everything(noun);
    known.set(noun, found);
    found.catch(() => known.delete(noun));
  }
  return found;
}
export const forgetChoices = (noun: string): void => { known.delete(noun); };

/** Things of any noun over the API, which has the same shape for all of them. */
import { ApiProblem, Offline, session } from '../../shared/api';
import type { Thing } from './fields';

export type Stored = Thing & { id: string; revision: number };
export interface Page { items: Stored[]; next_cursor?: string | null }

async function send<T>(method: string, path: string, body?: unknown, revision?: number): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') headers['x-requested-with'] = 'roundsman';
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (revision !== undefined) headers['if-match'] = `"${revision}"`;
  if (method === 'POST') headers['idempotency-key'] = crypto.randomUUID();
  let response: Response;
  try {
    response = await fetch(`/api/v1/${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Offline('offline');
  }
  const text = await response.text();
  if (response.ok) return (text ? JSON.parse(text) : undefined) as T;
  if (response.status === 401) session.lost();
  let problem: Thing = { detail: response.statusText };
  try { problem = JSON.parse(text) as Thing; } catch { /* Not ours: the status says enough. */ }
  throw new ApiProblem(response.status, problem);
}

export const list = (noun: string, query: Record<string, string>): Promise<Page> => send('GET', `${noun}?${new URLSearchParams(query)}`);
export const read = (noun: string, id: string): Promise<Stored> => send('GET', `${noun}/${id}`);
export const create = (noun: string, thing: Thing): Promise<Stored> => send('POST', noun, thing);
export const change = (noun: string, thing: Stored): Promise<Stored> => send('PUT', `${noun}/${thing.id}`, thing, thing.revision);
export const remove = (noun: string, id: string): Promise<void> => send('DELETE', `${noun}/${id}`);
export const ask = <T>(path: string): Promise<T> => send('GET', path);
export const tell = <T>(path: string, body: unknown): Promise<T> => send('POST', path, body);
export const put = <T>(path: string, body: unknown, revision?: number): Promise<T> => send('PUT', path, body, revision);

/** All things of a noun, for choosing among them. */
export async function everything(noun: string): Promise<Stored[]> {
  const found: Stored[] = [];
  let cursor = '';
  do {
    const page = await list(noun, { limit: '200', ...(cursor ? { cursor } : {}) });
    found.push(...page.items);
    cursor = page.next_cursor ?? '';
  } while (cursor && found.length < 5000);
  return found;
}

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

/** The API, typed by its OpenAPI document; `npm run api` brings the types up to date. */
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

type Method = 'get' | 'post' | 'put' | 'delete';
type PathsOf<M extends Method> = { [P in keyof paths]: paths[P] extends { [K in M]: unknown } ? (paths[P][M] extends undefined ? never : P) : never }[keyof paths];
type Operation<P extends keyof paths, M extends Method> = NonNullable<paths[P][M & keyof paths[P]]>;
type Parameters<O, In extends string> = O extends { parameters: { [K in In]?: infer T } } ? T : never;
type Body<O> = O extends { requestBody?: { content: { 'application/json': infer T } } } ? T : never;
type Content<R> = R extends { content: { 'application/json': infer T } } ? T : undefined;
type Answer<O> = O extends { responses: infer R }
  ? R extends { 200: infer T } ? Content<T> : R extends { 201: infer T } ? Content<T> : R extends { 202: infer T } ? Content<T> : undefined
  : never;

export interface Asked<O> {
  path?: Parameters<O, 'path'>;
  query?: Parameters<O, 'query'>;
  body?: Body<O>;
  /** The revision that the change is based on, for `If-Match`. */
  revision?: number;
  /** Makes a repeated request harmless. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** One thing wrong with the input; `rule` where it breaks one that many fields have in common. */
export interface Fault { field: string; value?: string; message: string; rule?: string; numbers?: number[] }

/** What the server refuses, in its own words. */
export class ApiProblem extends Error {
  constructor(readonly status: number, readonly body: Record<string, unknown>) {
    super(String(body.detail ?? body.title ?? `HTTP ${status}`));
  }
  get faults(): Fault[] { return (this.body.errors ?? this.body.faults ?? []) as Fault[]; }
}

/** The server cannot be reached. */
export class Offline extends Error {}

/** What happens when the session has ended; pages send people to log in. */
export const session = {
  lost(): void {
    localStorage.removeItem('session');
    const here = location.pathname + location.search;
    location.assign(`/login?next=${encodeURIComponent(here)}`);
  },
};

/** One request to an address of the API; refusals are `ApiProblem`, a lost network `Offline`. */
export async function request<T>(method: string, url: string, asked: Omit<Asked<unknown>, 'path' | 'query' | 'body'> & { body?: unknown } = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', 'accept-language': document.documentElement.lang || 'en' };
  if (method !== 'GET') headers['x-requested-with'] = 'roundsman';
  if (asked.body !== undefined) headers['content-type'] = 'application/json';
  if (asked.revision !== undefined) headers['if-match'] = `"${asked.revision}"`;
  if (asked.idempotencyKey) headers['idempotency-key'] = asked.idempotencyKey;
  const body = asked.body === undefined ? undefined : JSON.stringify(asked.body);
  let response: Response;
  try {
    response = await fetch(url, { method, headers, body, signal: asked.signal });
  } catch (error) {
    if (asked.signal?.aborted) throw error;
    throw new Offline('offline');
  }
  const text = await response.text();
  if (response.ok) return (text ? JSON.parse(text) : undefined) as T;
  let problem: Record<string, unknown> = { detail: response.statusText };
  // What is not ours, a proxy's page for instance, says enough by its status.
  try { problem = JSON.parse(text) as Record<string, unknown>; } catch { /* as above */ }
  if (response.status === 401 && url !== '/api/v1/session') session.lost();
  throw new ApiProblem(response.status, problem);
}

async function send<P extends keyof paths, M extends Method>(method: M, path: P, asked: Asked<Operation<P, M>>): Promise<Answer<Operation<P, M>>> {
  const values = (asked.path ?? {}) as Record<string, unknown>;
  let url = String(path).replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries((asked.query ?? {}) as Record<string, unknown>)) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  if (query.size > 0) url += `?${query}`;
  return request(method.toUpperCase(), url, asked);
}

export const get = <P extends PathsOf<'get'>>(path: P, asked: Asked<Operation<P, 'get'>> = {}) => send('get', path, asked);
export const post = <P extends PathsOf<'post'>>(path: P, asked: Asked<Operation<P, 'post'>> = {}) => send('post', path, asked);
export const put = <P extends PathsOf<'put'>>(path: P, asked: Asked<Operation<P, 'put'>> = {}) => send('put', path, asked);
export const del = <P extends PathsOf<'delete'>>(path: P, asked: Asked<Operation<P, 'delete'>> = {}) => send('delete', path, asked);

/** All pages of a list, one after the other. */
export async function all<T>(page: (cursor: string | undefined) => Promise<{ items: T[]; next_cursor?: string | null }>): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const answer = await page(cursor);
    found.push(...answer.items);
    cursor = answer.next_cursor ?? undefined;
  } while (cursor);
  return found;
}

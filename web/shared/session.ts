/** Who is logged in, and where they belong. */
import { get, del, type Schemas } from './api';

export type Me = Schemas['MeBody'];

export const me = (): Promise<Me> => get('/api/v1/me');

export async function logOut(): Promise<void> {
  await del('/api/v1/session').catch(() => undefined);
  localStorage.removeItem('session');
  location.assign('/login');
}

/** The page people of a role start with. */
export const home = (role: string | null | undefined): string => (role === 'technician' ? '/day' : '/board');

/** Where to go after the login: where one wanted to, if it is a page of ours, else home. */
export function afterLogin(next: string | null, role: string | null | undefined): string {
  return next !== null && /^\/[^/\\]/.test(next) ? next : home(role);
}

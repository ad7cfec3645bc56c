/** The pages of the dispatcher's application: their addresses, and what shows them. */
import type { Component } from 'svelte';
import { loadWords as calendars } from '../calendars/words';
import type { TextKey } from '../shared/text';
import { loadWords as notices } from './setup/words';

export interface Page {
  /** Its address; `:id` stands for a part that changes, and comes as a property of that name. */
  path: string;
  title: TextKey;
  /** Whether the navigation names it, and under which heading. */
  nav?: 'main' | 'setup';
  /** The roles that see it; owners and dispatchers if not said. */
  roles?: string[];
  load: () => Promise<{ default: Component<any> }>;
}

/** A page with words that the others do without. */
const wordy = (words: () => Promise<void>, load: Page['load']): Page['load'] => async () => (await Promise.all([load(), words()]))[0];

export const pages: Page[] = [
  { path: '/board', title: 'board.title', nav: 'main', load: () => import('./plan/Board.svelte') },
  { path: '/board/bookings', title: 'setup.bookings', nav: 'main', load: () => import('./setup/Bookings.svelte') },
  { path: '/board/waitlist', title: 'setup.waitlist', nav: 'main', load: () => import('./setup/Waitlist.svelte') },
  { path: '/board/setup', title: 'setup.title', nav: 'main', load: () => import('./setup/Overview.svelte') },
  { path: '/board/start', title: 'setup.start', load: () => import('./setup/Start.svelte') },
  { path: '/board/setup/organization', title: 'setup.page.organization', roles: ['owner'], load: () => import('./setup/Organization.svelte') },
  { path: '/board/setup/keys', title: 'setup.page.keys', roles: ['owner'], load: () => import('./setup/Keys.svelte') },
  { path: '/board/setup/import', title: 'setup.page.import', load: () => import('./setup/Import.svelte') },
  { path: '/board/setup/audit', title: 'setup.page.audit', load: () => import('./setup/Audit.svelte') },
  { path: '/board/setup/calendars', title: 'setup.page.calendars', load: wordy(calendars, () => import('./setup/Calendars.svelte')) },
  { path: '/board/setup/messages', title: 'setup.page.messages', load: wordy(notices, () => import('./setup/Messages.svelte')) },
  { path: '/board/setup/outbox', title: 'setup.page.outbox', load: wordy(notices, () => import('./setup/Outbox.svelte')) },
  { path: '/board/setup/:noun', title: 'setup.title', load: () => import('./setup/List.svelte') },
  { path: '/board/setup/:noun/:id', title: 'setup.title', load: () => import('./setup/Edit.svelte') },
  { path: '/board/map', title: 'board.map_title', load: () => import('./plan/MapPage.svelte') },
];

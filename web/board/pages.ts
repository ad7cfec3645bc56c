/** The pages of the dispatcher's application: their addresses, and what shows them. */
import type { Component } from 'svelte';
import type { TextKey } from '../shared/text';

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

export const pages: Page[] = [
  { path: '/board', title: 'board.title', nav: 'main', load: () => import('./plan/Board.svelte') },
  { path: '/board/bookings', title: 'setup.bookings', nav: 'main', load: () => import('./setup/Bookings.svelte') },
  { path: '/board/setup', title: 'setup.title', nav: 'main', load: () => import('./setup/Overview.svelte') },
  { path: '/board/start', title: 'setup.start', load: () => import('./setup/Start.svelte') },
  { path: '/board/setup/organization', title: 'setup.page.organization', roles: ['owner'], load: () => import('./setup/Organization.svelte') },
  { path: '/board/setup/keys', title: 'setup.page.keys', roles: ['owner'], load: () => import('./setup/Keys.svelte') },
  { path: '/board/setup/import', title: 'setup.page.import', load: () => import('./setup/Import.svelte') },
  { path: '/board/setup/audit', title: 'setup.page.audit', load: () => import('./setup/Audit.svelte') },
  { path: '/board/setup/:noun', title: 'setup.title', load: () => import('./setup/List.svelte') },
  { path: '/board/setup/:noun/:id', title: 'setup.title', load: () => import('./setup/Edit.svelte') },
  { path: '/board/map', title: 'board.map_title', load: () => import('./plan/MapPage.svelte') },
];

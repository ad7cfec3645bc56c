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
  { path: '/board/map', title: 'board.map_title', load: () => import('./plan/MapPage.svelte') },
];

/** The set-up pages by what they are about, as navigation and overview show them. */
import type { Me } from '../../shared/session';
import { tw } from '../../shared/text';
import { nounOf } from './nouns';

const GROUPS: [string, string[]][] = [
  ['people', ['technicians', 'absences', 'teams', 'skills', 'customers']],
  ['work', ['services', 'packages', 'equipment']],
  ['places', ['locations', 'zones', 'sites']],
  ['connections', ['calendars', 'messages', 'message-templates', 'outbox', 'webhooks', 'keys']],
  ['company', ['organization', 'members', 'import', 'audit']],
];
/** Pages that are no list of a noun, and only for owners. */
const OWNERS = ['organization', 'keys'];

export interface Entry {
  key: string;
  name: string;
  /** Whether it is a list, which can be counted. */
  noun: boolean;
}

/** What a member sees, group by group. */
export function groupsFor(me: Me): { key: string; entries: Entry[] }[] {
  const owner = me.role === 'owner';
  return GROUPS.map(([key, pages]) => ({
    key,
    entries: pages
      .filter((page) => owner || !(OWNERS.includes(page) || nounOf(page)?.owners))
      .map((page) => ({ key: page, name: tw(nounOf(page) ? 'setup.noun' : 'setup.page', page), noun: !!nounOf(page) })),
  }));
}

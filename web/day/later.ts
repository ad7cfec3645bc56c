/** Parts of the page that are fetched when they are first wanted, with their words. */
import { loadTexts } from '../shared/text';

const words = import.meta.glob('../../locales/*/visit.json', { import: 'default' });
let loading: Promise<void> | undefined;

/** A part that tells of one visit or asks about it. */
async function ofVisit<T>(part: Promise<{ default: T }>): Promise<T> {
  loading ??= loadTexts(words);
  const [found] = await Promise.all([part, loading]);
  return found.default;
}

export const visitPart = () => ofVisit(import('./Visit.svelte'));
export const sheetPart = () => ofVisit(import('./Sheet.svelte'));
export const moreTimePart = () => ofVisit(import('./MoreTime.svelte'));
export const couldNotPart = () => ofVisit(import('./CouldNot.svelte'));
/** The switch for notifications, whose words it shares with the page of calendars. */
export async function pushPart() {
  const { loadWords } = await import('../calendars/words');
  await loadWords();
  return (await import('./Push.svelte')).default;
}

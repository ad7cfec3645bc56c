/** Words that pages show only now and then. */
import { loadTexts } from '../../shared/text';

const notices = import.meta.glob('../../../locales/*/notices.json', { import: 'default' });
const visit = import.meta.glob('../../../locales/*/visit.json', { import: 'default' });
let [loading, loadingVisit]: (Promise<void> | undefined)[] = [];

/** The words of messages. */
export const loadWords = (): Promise<void> => (loading ??= loadTexts(notices));
/** The words of one visit, which the day of a technician has too. */
export const loadVisitWords = (): Promise<void> => (loadingVisit ??= loadTexts(visit));

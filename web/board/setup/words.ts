/** The words of messages, for pages that show them only now and then. */
import { loadTexts } from '../../shared/text';

const words = import.meta.glob('../../../locales/*/notices.json', { import: 'default' });
let loading: Promise<void> | undefined;
export const loadWords = (): Promise<void> => (loading ??= loadTexts(words));

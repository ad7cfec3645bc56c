/** Words and dates in the reader's language, from the catalogues that the server uses too. */
import type board from '../../locales/en/board.json';
import type calendars from '../../locales/en/calendars.json';
import type common from '../../locales/en/common.json';
import type day from '../../locales/en/day.json';
import type notices from '../../locales/en/notices.json';
import type setup from '../../locales/en/setup.json';
import type visit from '../../locales/en/visit.json';

/** A key without its plural form: `visits.one` and `visits.other` are asked for as `visits`. */
type Key<Area extends string, Texts> = `${Area}.${Extract<keyof Texts, string>}`;
export type TextKey = Key<'common', typeof common> | Key<'board', typeof board> | Key<'day', typeof day> | Key<'setup', typeof setup> | Key<'visit', typeof visit>
  | Key<'calendars', typeof calendars> | Key<'notices', typeof notices>;
type Stem<K> = K extends `${infer S}.other` ? S : never;
export type CountKey = Stem<TextKey>;

export const LOCALES = { en: 'English', es: 'Español', is: 'Íslenska' } as const;
export type Locale = keyof typeof LOCALES;

const texts = new Map<string, string>();
let current: Locale = 'en';
let isOne = (count: number): boolean => count === 1;
/** Dates in a language that the browser does not know. */
let ours: typeof import('./icelandic').dates | undefined;

/** The language chosen before, else the first of the browser's that we have. */
function wanted(): Locale {
  const wishes = [localStorage.getItem('locale') ?? '', ...navigator.languages];
  for (const wish of wishes) {
    const language = wish.split('-')[0].toLowerCase();
    if (language in LOCALES) return language as Locale;
  }
  return 'en';
}

/**
 * Loads the words of a page; to be awaited before anything is shown.
 *
 * * `catalogues`: what loads each file of `locales` that the page may need, so that it carries no others; or a file
 *   `words/<language>.ts` that exports several of them.
 */
export async function loadTexts(catalogues: Record<string, () => Promise<unknown>>): Promise<void> {
  current = wanted();
  const plural = new Intl.PluralRules(current);
  isOne = (count) => plural.select(count) === 'one';
  document.documentElement.lang = current;
  document.documentElement.dir = 'ltr';
  const put = (area: string, found: object) => {
    for (const [key, value] of Object.entries(found)) {
      if (typeof value === 'object') put(key, value);
      else texts.set(`${area}.${key}`, value);
    }
  };
  const loads = Object.entries(catalogues).map(async ([path, load]) => {
    if (path.includes(`/${current}`)) put(path.split('/').at(-1)!.slice(0, -'.json'.length), (await load()) as object);
  });
  if (current === 'is' && Intl.DateTimeFormat.supportedLocalesOf('is').length === 0) {
    const icelandic = await import('./icelandic');
    [ours, isOne] = [icelandic.dates, icelandic.isOne];
  }
  await Promise.all(loads);
}

/** Remembers the language and starts the page over in it. */
export function chooseLocale(locale: Locale): void {
  localStorage.setItem('locale', locale);
  location.reload();
}

export const locale = (): Locale => current;

type Values = Record<string, string | number>;
const fill = (template: string, values?: Values) =>
  values ? template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : template;

/** The text of a key, with `{name}` replaced by the value of `name`. */
export function t(key: TextKey, values?: Values): string {
  return fill(texts.get(key) ?? key, values);
}

/** The text of a key that counts. */
export function tn(key: CountKey, count: number, values?: Values): string {
  const form = isOne(count) ? 'one' : 'other';
  return fill(texts.get(`${key}.${form}`) ?? key, { count: number(count), ...values });
}

/** The text of a key made from a word of the API, or the word itself if the catalogue lacks it. */
export function tw(prefix: string, word: string): string {
  return texts.get(`${prefix}.${word}`) ?? word.replaceAll('_', ' ');
}

/** The text of a key that a page may not have loaded, or words in its stead. */
export const tor = (key: TextKey, otherwise: string, values?: Values): string => fill(texts.get(key) ?? otherwise, values);

const formats = new Map<string, Pick<Intl.DateTimeFormat, 'format'>>();
function format(zone: string, options: Intl.DateTimeFormatOptions): Pick<Intl.DateTimeFormat, 'format'> {
  const key = current + zone + JSON.stringify(options);
  let known = formats.get(key);
  if (!known) {
    const tag = current === 'en' ? 'en-GB' : current;
    known = ours?.(zone, options) ?? new Intl.DateTimeFormat(tag, { timeZone: zone, ...options });
    formats.set(key, known);
  }
  return known;
}

/** `09:30`, in a zone. */
export const time = (at: number | string | Date, zone: string): string =>
  format(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at));
/** `Mon 30 Nov`, in a zone. */
export const shortDate = (at: number | string | Date, zone: string): string =>
  format(zone, { weekday: 'short', day: 'numeric', month: 'short' }).format(new Date(at));
/** `Monday 30 November 2026`, in a zone. */
export const longDate = (at: number | string | Date, zone: string): string =>
  format(zone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(at));
/** `Mon` or `Monday`, of a date at noon UTC. */
export const weekday = (at: number | string | Date, size: 'short' | 'long' = 'short'): string =>
  format('UTC', { weekday: size }).format(new Date(at));
/** `30 Nov, 09:30`, in a zone. */
export const dateTime = (at: number | string | Date, zone: string): string =>
  format(zone, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at));
export const number = (value: number, digits = 0): string =>
  new Intl.NumberFormat(ours ? 'da' : current, { maximumFractionDigits: digits }).format(value);
/** `1 h 05`, `25 min`; whole minutes. */
export function duration(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60);
  const sign = seconds < 0 && minutes > 0 ? '−' : '';
  if (minutes < 60) return `${sign}${minutes} min`;
  return `${sign}${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
}
export const kilometres = (metres: number): string => `${number(metres / 1000, metres < 10_000 ? 1 : 0)} km`;

/** Text as it is compared: without accents, in small letters. */
export const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

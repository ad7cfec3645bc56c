/** Icelandic dates and plurals for browsers that do not know them: Chromium is built without. Forms as in CLDR. */

const WEEKDAYS = { Sun: 'sunnudagur', Mon: 'mánudagur', Tue: 'þriðjudagur', Wed: 'miðvikudagur', Thu: 'fimmtudagur', Fri: 'föstudagur', Sat: 'laugardagur' };
const MONTHS = ['janúar', 'febrúar', 'mars', 'apríl', 'maí', 'júní', 'júlí', 'ágúst', 'september', 'október', 'nóvember', 'desember'];

const short = (name: string) => (name === 'maí' ? name : `${name.slice(0, 3)}.`);
const sized = (name: string, size: string | undefined) => (size === 'long' ? name : size ? short(name) : '');

/** As `Intl.DateTimeFormat`, of the parts that the front end shows. */
export function dates(zone: string, options: Intl.DateTimeFormatOptions): { format: (at: Date | number) => string } {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', day: 'numeric', month: 'numeric', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return {
    format(at) {
      const of = Object.fromEntries(parts.formatToParts(at).map((part) => [part.type, part.value]));
      const day = [sized(WEEKDAYS[of.weekday as keyof typeof WEEKDAYS], options.weekday), options.day ? `${Number(of.day)}.` : '', sized(MONTHS[Number(of.month) - 1], options.month), options.year ? of.year : ''].filter(Boolean).join(' ');
      return [day, options.hour ? `${of.hour}:${of.minute}` : ''].filter(Boolean).join(', ');
    },
  };
}

/** Whether a count takes the singular: 1, 21, 31, not 11. */
export const isOne = (count: number): boolean => count % 10 === 1 && count % 100 !== 11;

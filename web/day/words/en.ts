/** The words of the day's first view in English, as one file. */
export { default as common } from '../../../locales/en/common.json';
export { default as day } from '../../../locales/en/day.json';

/** The words of the day's first view in Spanish, as one file. */
export { default as common } from '../../../locales/es/common.json';
export { default as day } from '../../../locales/es/day.json';

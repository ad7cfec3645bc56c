/** The words of the day's first view in Icelandic, as one file. */
export { default as common } from '../../../locales/is/common.json';
export { default as day } from '../../../locales/is/day.json';

import '../base.css';
import { mount } from 'svelte';
import { loadTexts } from '../shared/text';
import { theme, useTheme } from '../shared/theme';
import Day from './Day.svelte';
import { days } from './days.svelte';

useTheme(theme());
// No await: modules loaded later may then live beside this one, in one file.
const texts = loadTexts(import.meta.glob('../../locales/*/{common,day}.json', { import: 'default' }));
// What is kept is there before the first picture, so that there is only one.
void Promise.all([texts, days.restore()]).then(() => mount(Day, { target: document.getElementById('app')! }));

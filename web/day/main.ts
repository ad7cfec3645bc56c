import '../base.css';
import { mount } from 'svelte';
import { loadTexts } from '../shared/text';
import { theme, useTheme } from '../shared/theme';
import Day from './Day.svelte';

useTheme(theme());
// No await: modules loaded later may then live beside this one, in one file.
void loadTexts(import.meta.glob('../../locales/*/{common,day}.json', { import: 'default' }))
  .then(() => mount(Day, { target: document.getElementById('app')! }));

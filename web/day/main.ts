import '../base.css';
import { mount } from 'svelte';
import { loadTexts } from '../shared/text';
import { theme, useTheme } from '../shared/theme';
import Day from './Day.svelte';
import { days } from './days.svelte';

useTheme(theme());
// No await: modules loaded later may then live beside this one, in one file.
const texts = loadTexts(import.meta.glob('./words/*.ts'));
const app = document.getElementById('app')!;
// What is kept is there before the first picture, so that there is only one; what the worker showed meanwhile goes.
void Promise.all([texts, days.restore()]).then(() => {
  app.replaceChildren();
  mount(Day, { target: app });
});

import '../base.css';
import { mount } from 'svelte';
import { loadTexts } from '../shared/text';
import { theme, useTheme } from '../shared/theme';
import Day from './Day.svelte';

useTheme(theme());
await loadTexts(['common', 'day']);
mount(Day, { target: document.getElementById('app')! });

import '../base.css';
import { mount } from 'svelte';
import { loadTexts } from '../shared/text';
import { theme, useTheme } from '../shared/theme';
import Page from './Page.svelte';

useTheme(theme());
await loadTexts(import.meta.glob('../../locales/*/{common,calendars}.json', { import: 'default' }));
mount(Page, { target: document.getElementById('app')! });

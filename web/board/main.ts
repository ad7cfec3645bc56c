import '../base.css';
import { mount } from 'svelte';
import { loadTexts } from '../shared/text';
import { theme, useTheme } from '../shared/theme';
import App from './App.svelte';

useTheme(theme());
await loadTexts(import.meta.glob('../../locales/*/{common,board,setup}.json', { import: 'default' }));
mount(App, { target: document.getElementById('app')! });

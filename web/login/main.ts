import '../base.css';
import { mount } from 'svelte';
import { loadTexts } from '../shared/text';
import { theme, useTheme } from '../shared/theme';
import Login from './Login.svelte';

useTheme(theme());
await loadTexts(import.meta.glob('../../locales/*/common.json', { import: 'default' }));
mount(Login, { target: document.getElementById('app')! });

/** Light or dark: what was chosen, else what the system says. */
export type Theme = 'system' | 'light' | 'dark';

export function theme(): Theme {
  const known = localStorage.getItem('theme');
  return known === 'light' || known === 'dark' ? known : 'system';
}

export function useTheme(theme: Theme): void {
  if (theme === 'system') {
    localStorage.removeItem('theme');
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem('theme', theme);
    document.documentElement.dataset.theme = theme;
  }
}

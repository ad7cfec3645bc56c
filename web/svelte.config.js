import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess({ script: false, style: false }),
  // All components are of this century; Svelte leaves out what older ones need.
  compilerOptions: { runes: true },
};

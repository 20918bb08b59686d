import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Each page is an entry of its own, and its assets stand beside it, so that the
// server can give each page its content security policy.
export default defineConfig({
  base: '/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    // dist holds a file that keeps the folder in the repository.
    emptyOutDir: false,
    target: 'es2022',
    chunkSizeWarningLimit: 5000,
    rollupOptions: { input: { explorer: 'explorer/index.html', playground: 'playground/index.html' } },
  },
  server: { proxy: { '/graphql': 'http://127.0.0.1:8080' } },
});

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const backend = process.env.CONSOLE_BACKEND ?? 'http://127.0.0.1:5081';

export default defineConfig({
  plugins: [react()],
  // The host stays the page's own: the exchange signs in nobody from a page of another origin.
  server: { proxy: Object.fromEntries(['/v1', '/session', '/openapi'].map((path) => [path, { target: backend, changeOrigin: false }])) },
  build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});

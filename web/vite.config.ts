import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const service = process.env.STUDIO_SERVICE ?? "http://127.0.0.1:8000";
const served = ["/v1", "/share", "/openapi.json"];

export default defineConfig({
  plugins: [react()],
  build: {
    // The package ships the build; `make web-check` compares it with these sources.
    outDir: "../src/lipsmith/service/studio",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(served.map((path) => [path, { target: service, ws: true }])),
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});

import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// A server for `npm run dev`; pages and the session go there.
const SERVER = process.env["CONF_SERVER"] ?? "http://127.0.0.1:8080";

/** In development every page path is answered with the page, as the server does it. */
function storyPage(): Plugin {
  return {
    name: "conf-story-page",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        if (request.url?.startsWith("/stories")) request.url = "/src/dev/stories.html";
        next();
      });
    },
  };
}

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), storyPage()],
  // Under vitest components must resolve to their browser build.
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  server: { port: 5173, strictPort: true, proxy: { "/api": { target: SERVER, ws: true } } },
  // Workers load further modules, which only modules can.
  worker: { format: "es" },
  build: {
    target: "es2022",
    // The pages load their parts themselves; an inline polyfill would break the CSP.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    sourcemap: false,
    chunkSizeWarningLimit: 300,
  },
  test: { environment: "node", include: ["src/**/*.test.ts"], restoreMocks: true },
}));

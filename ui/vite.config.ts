// The page is built for any folder of any host (`base`), and inlines nothing, because the
// service allows no inline content.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { standIn } from "./dev/stand-in.ts";

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [svelte(), standIn()],
  // without it, tests would get the version of Svelte that renders on servers
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  // with HANPORT set to an address, a real service answers in development
  server: process.env.HANPORT
    ? { proxy: { "/api": process.env.HANPORT, "/readyz": process.env.HANPORT } }
    : {},
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    // one sheet: together they are a third smaller than apart
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.ts", "dev/**/*.test.ts"],
    setupFiles: ["src/lib/testing.ts"],
  },
}));

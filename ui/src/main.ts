import { mount } from "svelte";
import App from "./App.svelte";
import "./tokens.css";
import "./base.css";
import { language } from "./lib/language.svelte";
import { route } from "./lib/route.svelte";
import { theme } from "./lib/theme.svelte";

theme.begin();
// on the way together: the texts and the view that most open
if (route.view === "now") void import("./views/Now.svelte");
await language.begin();
const target = document.getElementById("page");
if (target) mount(App, { target });

// browsers run workers on safe connections and on this machine only
if (import.meta.env.PROD && isSecureContext && "serviceWorker" in navigator) {
  void navigator.serviceWorker.register("./worker.js");
  // what is loaded while the worker is not there yet is kept as well
  void navigator.serviceWorker.ready.then(async () => {
    const kept = await caches.open("hanport-1");
    const ours = new URL("./assets/", location.href.split("#")[0]).href;
    new PerformanceObserver((list) => {
      const files = list.getEntries().map((entry) => entry.name);
      void kept.addAll(files.filter((name) => name.startsWith(ours)));
    }).observe({ type: "resource", buffered: true });
  });
}

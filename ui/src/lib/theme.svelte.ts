// Light, dark, or as the system has it.

export type Theme = "system" | "light" | "dark";

const CHOSEN = "hanport.theme";

class Appearance {
  chosen = $state<Theme>("system");

  begin(): void {
    const kept = localStorage.getItem(CHOSEN);
    this.choose(kept === "light" || kept === "dark" ? kept : "system");
  }

  choose(theme: Theme): void {
    this.chosen = theme;
    localStorage.setItem(CHOSEN, theme);
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }
}

export const theme = new Appearance();

// Runs before the page is painted: light or dark, as chosen here or by the machine.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = root.dataset.bsTheme;
  const show = () => { root.dataset.bsTheme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen; };
  show();
  dark.addEventListener("change", show);
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
        root.dataset.bsTheme = theme;
        document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
        dispatchEvent(new Event("theme"));
      });
    }
    document.getElementById("error-summary")?.focus();
    for (const select of document.querySelectorAll(".acting select")) {
      select.form.querySelector("button").hidden = true;
      select.addEventListener("change", () => select.form.submit());
    }
  });
})();

// Sets the chosen theme before the first paint; main.js owns the switch.
// A classic script, because a module would run after the page was drawn once.
try {
  const theme = localStorage.getItem("tandem.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage can be forbidden; the system's theme is used then.
}

// What every page gets when scripts run: the behaviour of the standard components. All pages work without it.
const { href } = new URL(document.querySelector("script[data-govuk]").dataset.govuk, location.origin);
const { initAll } = await import(href);
initAll();

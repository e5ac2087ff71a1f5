// Starts the Swagger UI of /schema; the address of the document comes from the page.
const root = document.getElementById("api-documentation");
window.SwaggerUIBundle({
  url: root.dataset.schema,
  domNode: root,
  deepLinking: true,
  validatorUrl: null,
  presets: [window.SwaggerUIBundle.presets.apis],
});

// Shows /openapi.json; a file of its own, because the page allows no inline script.
window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
  // to read only: no request is sent from here, and no token is asked for
  supportedSubmitMethods: [],
  validatorUrl: null,
})

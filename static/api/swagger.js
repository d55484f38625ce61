// Starts Swagger UI on its page; a token put in by "Authorize" is kept until the page is left.
const place = document.getElementById("swagger-ui");
window.SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  docExpansion: "none",
  filter: true,
});

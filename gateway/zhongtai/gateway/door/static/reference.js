// Follows the reader's choice of light or dark; everything else is said in the page's attributes.
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function follow() {
  document.querySelector("rapi-doc").setAttribute("theme", dark.matches ? "dark" : "light");
}

dark.addEventListener("change", follow);
follow();

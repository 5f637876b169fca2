// Shows the component that the page is named for, and follows the reader's choice of light or dark.
const viewer = document.querySelector("rapi-doc");
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function follow() {
  viewer.setAttribute("theme", dark.matches ? "dark" : "light");
}

dark.addEventListener("change", follow);
follow();
viewer.setAttribute("spec-url", `/openapi/${location.pathname.split("/").pop()}.json`);

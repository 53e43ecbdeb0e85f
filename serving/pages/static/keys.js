/* Shortcuts for those who want them; every page works without this file.
   Alt with a letter goes to what is marked with it, Ctrl+Enter sends in the form one is in.
   Keys that an input method is using are left to it. */
"use strict";
document.addEventListener("keydown", function (event) {
  if (event.isComposing || event.keyCode === 229 || document.cookie.indexOf("fenliu-keys=off") >= 0) { return; }
  if (event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.key.length === 1) {
    var place = document.querySelector("[data-key='" + event.key.toLowerCase().replace(/[^a-z]/, "") + "']");
    if (place) {
      event.preventDefault();
      if (place.tagName === "A" || place.tagName === "BUTTON") { place.click(); } else { place.focus(); }
    }
  } else if (event.ctrlKey && event.key === "Enter" && event.target.closest) {
    var form = event.target.closest("form");
    var button = form && form.querySelector("button[data-submit]");
    if (button) { event.preventDefault(); button.click(); }
  }
});

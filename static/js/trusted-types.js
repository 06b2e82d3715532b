// No text becomes HTML or script on our pages (CSP: require-trusted-types-for 'script'). The one exception: htmx parses
// the fragments of our own server, in a document without scripting. Browsers without Trusted Types ignore this file.
// A classic script, so that it runs before htmx. https://www.w3.org/TR/trusted-types/#default-policy-hdr
{
  const parsers = ["Document parseHTMLUnsafe", "DOMParser parseFromString"];
  // Static files, and a service worker, which has to live at the root; never an attachment of somebody's letter.
  const ours = /^\/(static\/.+|[a-z-]+)\.js$/;
  globalThis.trustedTypes?.createPolicy("default", {
    createHTML: (html, _type, sink) => (parsers.includes(sink) ? html : null),
    createScriptURL: (address) => {
      const url = new URL(address, document.baseURI);
      return url.origin === location.origin && ours.test(url.pathname) ? url.href : null;
    },
  });
}

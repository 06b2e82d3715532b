// What both halves of Postie share. Every element degrades to the HTML it wraps.
import "./elements/theme-toggle.js";
import "./elements/copy-button.js";
import "./elements/password-field.js";
import "./elements/selection-set.js";
import "./elements/keyboard-help.js";
import "./elements/command-palette.js";
import "./lib/relative-times.js";
import "./lib/keys.js";
import "./lib/popovers.js";
import "./lib/results.js";
import "./lib/confirm.js";

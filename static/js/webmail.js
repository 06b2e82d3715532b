import "./common.js";
import "./elements/pane-resizer.js";
import "./elements/unread-title.js";
import "./elements/message-list.js";
import "./elements/folder-filter.js";
import "./elements/compose-form.js";
import "./lib/ahead.js";
import "./lib/reader-acts.js";

import "./common.js";
import "./elements/pane-resizer.js";
import "./elements/unread-title.js";

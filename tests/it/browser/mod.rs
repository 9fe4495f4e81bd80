//! What people do in a browser, in Chromium.

mod story;

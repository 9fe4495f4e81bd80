//! The console: merging, undoing, giving a code, and a colleague's own address.

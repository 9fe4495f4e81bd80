//! Signing in with LINE, and the signed link of the web chat.

//! What both sockets do about frames that are too large: a refusal where the frame can still be read, else a close that
//! says why.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket, WebSocketUpgrade, close_code};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The largest frame that is taken.
pub(super) const LARGEST_FRAME: usize = 64 * 1024;
/// The largest frame that is read, so that its sender is told by name what was refused.
const LARGEST_READ: usize = 256 * 1024;
/// How long a closed connection is kept: one that is cut off at once takes the close frame down with it.
const FAREWELL: Duration = Duration::from_secs(1);

/// The limits of both sockets; `unsent` bytes may wait for a slow reader.
pub(super) fn limited(upgrade: WebSocketUpgrade, unsent: usize) -> WebSocketUpgrade {
    upgrade
        .max_message_size(LARGEST_READ)
        .max_frame_size(LARGEST_READ)
        .read_buffer_size(4096)
        .write_buffer_size(4096)
        .max_write_buffer_size(unsent)
}

/// Whether a frame that was read is more than is taken.
pub(super) fn is_too_large(frame: &Frame) -> bool {
    match frame {
        Frame::Text(text) => text.len() > LARGEST_FRAME,
        Frame::Binary(bytes) => bytes.len() > LARGEST_FRAME,
        Frame::Ping(_) | Frame::Pong(_) | Frame::Close(_) => false,
    }
}

/// Ends a socket whose next frame cannot be read. One that is too large is told so; for any other fault the connection
/// itself is broken.
pub(super) async fn end(socket: &mut WebSocket, error: &axum::Error) {
    // The error's type belongs to a crate that is not ours to name; a test holds these words.
    if error.to_string().contains("too long") {
        close_too_large(socket).await;
    }
}

/// Closes with 1009 and the reason.
pub(super) async fn close_too_large(socket: &mut WebSocket) {
    close(socket, close_code::SIZE, format!("a frame has at most {LARGEST_FRAME} bytes")).await;
}

/// Closes with a code and a reason.
pub(super) async fn close(socket: &mut WebSocket, code: u16, reason: String) {
    let reason = reason.into();
    if socket.send(Frame::Close(Some(CloseFrame { code, reason }))).await.is_ok() {
        tokio::time::sleep(FAREWELL).await;
    }
}

/// The data of an event that brought a message: shown as it is.
#[derive(Deserialize)]
pub(super) struct MessageCreated<'e> {
    #[serde(borrow)]
    pub(super) message: &'e RawValue,
}

/// Who said it, and its id.
#[derive(Deserialize)]
pub(super) struct Authored<'e> {
    pub(super) author: &'e str,
    pub(super) id: &'e str,
}

/// The frame that shows it.
#[derive(Serialize)]
pub(super) struct MessageFrame<'e> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) cursor: i64,
    pub(super) message: &'e RawValue,
}

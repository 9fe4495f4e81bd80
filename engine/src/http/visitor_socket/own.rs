//! What the visitor alone sees of messages: codes while they are good, and files at addresses of their own.

use channels::{Content, MediaSource};
use serde_json::{Value, json};

use super::{Gone, Visitor};
use crate::http::files;
use crate::ids::{MessageId, RowId};
use crate::links::veiled;
use crate::views::MessageView;

impl Visitor {
    /// Keeps the file that a message names; false where it waited too long and was let go.
    pub(super) async fn claim_file(&mut self, content: &Content) -> Result<bool, Gone> {
        let Content::Media { media } = content else { return Ok(true) };
        let MediaSource::Blob { id } = &media.source else { return Ok(true) };
        let claimed = self.app.blobs.claim(&self.account.tenant, &[RowId::from_text(id.clone())]).await;
        claimed.map_err(|_| Gone)
    }

    /// Shows a message of which everybody else sees less.
    pub(super) async fn show_opened(&mut self, n: i64, id: &MessageId) -> Result<(), Gone> {
        let tenant = self.account.tenant.clone();
        let read = self.app.store.message(&tenant, id).await.map_err(|_| Gone)?;
        let Some(mut message) = read else { return Ok(()) };
        if veiled::open(&self.app, &tenant, &mut message).await {
            self.codes.push(message.id.clone());
        }
        self.send(&json!({ "type": "message", "cursor": n, "message": MessageView::of(&message) })).await
    }

    /// Shows those again whose code somebody has used meanwhile: with dots in its place.
    pub(super) async fn veil_used(&mut self) -> Result<(), Gone> {
        for id in std::mem::take(&mut self.codes) {
            let tenant = self.account.tenant.clone();
            let read = self.app.store.message(&tenant, &id).await.map_err(|_| Gone)?;
            let Some(mut message) = read else { continue };
            if veiled::open(&self.app, &tenant, &mut message).await {
                self.codes.push(id);
                continue;
            }
            let view = MessageView::of(&message);
            self.send(&json!({ "type": "message", "cursor": self.cursor, "message": view })).await?;
        }
        Ok(())
    }

    /// Sends messages with the addresses at which the visitor may fetch their files.
    pub(super) async fn send_files(&mut self, mut frame: Value) -> Result<(), Gone> {
        files::shown_to_visitor(&self.app, &self.account.id, &mut frame);
        self.send(&frame).await
    }
}

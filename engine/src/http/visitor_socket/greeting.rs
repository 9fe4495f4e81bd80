//! Who a visitor is, and what the web chat begins with.

use serde_json::json;

use super::{Gone, HISTORY, Visitor};
use crate::http::files;
use crate::http::visitor_frames::{control_of, is_public};
use crate::links::veiled;
use crate::views::MessageView;

impl Visitor {
    /// While the account's key is changed, whoever is here gets a token of the new one: it outlives the former.
    pub(super) async fn renew(&mut self) -> Result<(), Gone> {
        let now = self.app.store.clock().now();
        let Some(token) = channels::web::renew_token(&self.account.config, &self.token, now.0) else {
            return Ok(());
        };
        self.token = token;
        self.send(&json!({ "type": "token", "token": self.token })).await
    }

    /// A known visitor keeps the id in the token; anyone else gets a new one.
    pub(super) fn identify(&mut self, token: Option<String>) -> Result<(), Gone> {
        let config = &self.account.config;
        let now = self.app.store.clock().now();
        let known =
            token.and_then(|token| channels::web::verify_token(config, &token, now.0).map(|id| (id, token)));
        if let Some((id, token)) = known {
            let renewed = channels::web::renew_token(config, &token, now.0);
            (self.id, self.token) = (id, renewed.unwrap_or(token));
            return Ok(());
        }
        let id: crate::ids::RowId = self.app.store.new_id();
        id.as_str().clone_into(&mut self.id);
        self.token = channels::web::issue_token(config, &self.id, now.0).ok_or(Gone)?;
        Ok(())
    }

    /// Subscribes, then reads, so that nothing falls between.
    pub(super) async fn greet(&mut self, cursor: Option<i64>) -> Result<(), Gone> {
        let store = self.app.store.clone();
        let tenant = self.account.tenant.clone();
        let conversation =
            store.conversation_of_thread(&tenant, &self.account.id, &self.id).await.map_err(|_| Gone)?;
        if let Some(conversation) = &conversation {
            self.follow(conversation.id.clone());
        }
        let newest = store.last_event(&tenant).await.map_err(|_| Gone)?;
        let mut messages = match &conversation {
            Some(conversation) => {
                store.messages(&tenant, &conversation.id, None, HISTORY).await.map_err(|_| Gone)?
            }
            None => Vec::new(),
        };
        for message in &mut messages {
            if veiled::open(&self.app, &tenant, message).await {
                self.codes.push(message.id.clone());
            }
        }
        self.cursor = cursor.filter(|cursor| (0..=newest).contains(cursor)).unwrap_or(newest);
        let shown: Vec<_> =
            messages.iter().filter(|message| is_public(message.author)).map(MessageView::of).collect();
        let (control, agent) = control_of(conversation.as_ref());
        control.clone_into(&mut self.control);
        let starters = self.app.bots.starters(&self.account.bot, self.language.as_deref());
        let ready = json!({
            "type": "ready", "token": self.token, "cursor": self.cursor, "messages": shown, "starters": starters,
            "control": control, "agent": agent, "files": files::offered(&self.account), "wait_minutes": self.wait_minutes().await,
        });
        self.send_files(ready).await?;
        metrics::counter!("sala_ws_resume_total", "kind" => "visitor").increment(1);
        self.catch_up().await
    }
}

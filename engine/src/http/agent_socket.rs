//! The console's socket: the company's events by cursor, and who is looking at what.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message as Frame, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::caller::{comes_from_here, may};
use super::frames;
use super::problem::Problem;
use crate::app::App;
use crate::ids::ConversationId;
use crate::limits::SocketLimit;
use crate::live::Glimpse;
use crate::permission::Permission;
use crate::store::{LoggedEvent, SessionAgent};

const FIRST_FRAME: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(80);
const PAGE: i64 = 500;
/// A view further behind than this fetches everything again: cheaper than replaying it.
const LONGEST_REPLAY: i64 = 5000;
/// How soon a socket notices that its session ended or its role changed.
const REVIEW: Duration = Duration::from_secs(2);

pub(super) async fn open(State(app): State<App>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    if !comes_from_here(&app, &headers) {
        return Problem::cross_site().into_response();
    }
    frames::limited(upgrade, 4 << 20).on_upgrade(move |socket| async move {
        metrics::gauge!("sala_ws_connections", "kind" => "agent").increment(1.0);
        drop(serve(app, socket).await);
        metrics::gauge!("sala_ws_connections", "kind" => "agent").decrement(1.0);
    })
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Sent {
    Hello { ticket: String, cursor: Option<i64> },
    Composing { conversation_id: ConversationId },
    Viewing { conversation_id: ConversationId },
    Ping,
}

struct Gone;

struct AgentView {
    app: App,
    socket: WebSocket,
    session: SessionAgent,
    limit: SocketLimit,
    events: broadcast::Receiver<Arc<LoggedEvent>>,
    glimpses: broadcast::Receiver<Glimpse>,
    cursor: i64,
}

async fn serve(app: App, mut socket: WebSocket) -> Result<(), Gone> {
    let first = tokio::time::timeout(FIRST_FRAME, socket.recv()).await.map_err(|_| Gone)?;
    let text = match first {
        Some(Ok(frame)) if frames::is_too_large(&frame) => {
            frames::close_too_large(&mut socket).await;
            return Err(Gone);
        }
        Some(Ok(Frame::Text(text))) => text,
        Some(Err(error)) => {
            frames::end(&mut socket, &error).await;
            return Err(Gone);
        }
        _ => return Err(Gone),
    };
    let Ok(Sent::Hello { ticket, cursor }) = serde_json::from_str::<Sent>(&text) else { return Err(Gone) };
    let session = app.tickets.redeem(&ticket, app.store.clock().now()).ok_or(Gone)?;
    let session = app.store.session(&session).await.ok().flatten().ok_or(Gone)?;
    may(&session, Permission::ConversationsRead).map_err(|_| Gone)?;
    let limit = app.limits.socket();
    // Subscribed before the log is read, so that nothing falls between.
    let events = app.live.subscribe_tenant(&session.tenant.id);
    let glimpses = app.live.glimpses();
    let mut view = AgentView { app, socket, session, limit, events, glimpses, cursor: 0 };
    view.greet(cursor).await?;
    view.run().await
}

impl AgentView {
    async fn greet(&mut self, cursor: Option<i64>) -> Result<(), Gone> {
        let newest = self.newest().await?;
        let known = cursor.filter(|cursor| (0..=newest).contains(cursor));
        if cursor.is_some() && known.is_none_or(|cursor| newest - cursor > LONGEST_REPLAY) {
            self.cursor = newest;
            return self.send(&json!({ "type": "resync", "cursor": newest })).await;
        }
        self.cursor = known.unwrap_or(newest);
        metrics::counter!("sala_ws_resume_total", "kind" => "agent").increment(1);
        self.send(&json!({ "type": "ready", "cursor": self.cursor })).await?;
        self.catch_up().await
    }

    async fn run(&mut self) -> Result<(), Gone> {
        let mut review = tokio::time::interval(REVIEW);
        loop {
            tokio::select! {
                frame = tokio::time::timeout(SILENCE, self.socket.recv()) => match frame {
                    Ok(Some(Ok(frame))) => self.hear(frame).await?,
                    Ok(Some(Err(error))) => {
                        frames::end(&mut self.socket, &error).await;
                        return Err(Gone);
                    }
                    _ => return Err(Gone),
                },
                event = self.events.recv() => match event {
                    Ok(event) => self.show(&event).await?,
                    Err(RecvError::Lagged(_)) => self.catch_up().await?,
                    Err(RecvError::Closed) => {
                        self.events = self.app.live.subscribe_tenant(&self.session.tenant.id);
                        self.catch_up().await?;
                    }
                },
                glimpse = self.glimpses.recv() => self.show_glimpse(glimpse).await?,
                _ = review.tick() => self.review().await?,
            }
        }
    }

    /// The session may have ended and the role may have changed since the socket opened.
    async fn review(&mut self) -> Result<(), Gone> {
        let session = self.app.store.session(&self.session.session).await.ok().flatten().ok_or(Gone)?;
        may(&session, Permission::ConversationsRead).map_err(|_| Gone)?;
        self.session = session;
        Ok(())
    }

    async fn catch_up(&mut self) -> Result<(), Gone> {
        loop {
            let tenant = self.session.tenant.id.clone();
            let events = self.app.store.events_after(&tenant, self.cursor, PAGE).await.map_err(|_| Gone)?;
            for event in &events {
                self.show(event).await?;
            }
            if (events.len() as i64) < PAGE {
                return Ok(());
            }
        }
    }

    async fn show(&mut self, event: &LoggedEvent) -> Result<(), Gone> {
        if event.n <= self.cursor {
            return Ok(());
        }
        self.cursor = event.n;
        self.send(&json!({
            "type": "event", "cursor": event.n, "kind": event.kind, "conversation_id": event.conversation,
            "data": event.data,
        }))
        .await
    }

    async fn hear(&mut self, frame: Frame) -> Result<(), Gone> {
        let is_too_large = frames::is_too_large(&frame);
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Close(_) => return Err(Gone),
            Frame::Ping(_) | Frame::Pong(_) => return Ok(()),
            Frame::Binary(_) if is_too_large => return self.refuse("too_long", None).await,
            Frame::Binary(_) => return self.refuse("malformed", None).await,
        };
        if let Err(retry) = self.limit.check() {
            return self.refuse("too_fast", Some(retry.millis)).await;
        }
        if is_too_large {
            return self.refuse("too_long", None).await;
        }
        match serde_json::from_str::<Sent>(&text) {
            Ok(Sent::Ping) => self.send(&json!({ "type": "pong" })).await,
            Ok(Sent::Composing { conversation_id }) => self.present(conversation_id, true).await,
            Ok(Sent::Viewing { conversation_id }) => self.present(conversation_id, false).await,
            Ok(Sent::Hello { .. }) | Err(_) => self.refuse("malformed", None).await,
        }
    }

    /// Tells colleagues where this agent is; the customer hears only of typing, and only from the owner.
    async fn present(&mut self, conversation: ConversationId, composing: bool) -> Result<(), Gone> {
        let tenant = self.session.tenant.id.clone();
        let found = self.app.store.conversation(&tenant, &conversation).await.map_err(|_| Gone)?;
        let Some(found) = found else { return self.refuse("malformed", None).await };
        let owner =
            matches!(&found.control, crate::store::Control::Agent { id, .. } if *id == self.session.agent.id);
        if composing && owner {
            self.app.live.glimpse(Glimpse::AgentTyping { conversation: conversation.clone() });
        }
        if may(&self.session, Permission::ConversationsReply).is_ok() {
            crate::signs::agent_present(&self.app, &tenant, &conversation, composing && owner);
        }
        let agent = self.session.agent.id.clone();
        let name = self.session.agent.name.clone();
        self.app.live.glimpse(Glimpse::Presence { tenant, conversation, agent, name, composing });
        Ok(())
    }

    async fn show_glimpse(&mut self, glimpse: Result<Glimpse, RecvError>) -> Result<(), Gone> {
        match glimpse {
            Ok(Glimpse::Presence { tenant, conversation, agent, name, composing })
                if tenant == self.session.tenant.id && agent != self.session.agent.id =>
            {
                let doing = if composing { "composing" } else { "viewing" };
                let agents = json!([{ "id": agent, "name": name, "doing": doing }]);
                self.send(&json!({ "type": "presence", "conversation_id": conversation, "agents": agents }))
                    .await
            }
            Ok(Glimpse::CustomerTyping { tenant, conversation }) if tenant == self.session.tenant.id => {
                self.send(&json!({ "type": "typing", "author": "customer", "conversation_id": conversation }))
                    .await
            }
            Err(RecvError::Closed) => Err(Gone),
            _ => Ok(()),
        }
    }

    async fn newest(&mut self) -> Result<i64, Gone> {
        self.app.store.last_event(&self.session.tenant.id).await.map_err(|_| Gone)
    }

    async fn refuse(&mut self, code: &str, retry: Option<u64>) -> Result<(), Gone> {
        self.send(&json!({ "type": "refused", "code": code, "retry_after_ms": retry })).await
    }

    async fn send(&mut self, frame: &Value) -> Result<(), Gone> {
        self.socket.send(Frame::Text(frame.to_string().into())).await.map_err(|_| Gone)
    }
}

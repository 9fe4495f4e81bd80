//! The web chat's socket: a visitor with a token, not an account.

mod greeting;
mod own;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message as Frame, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use channels::{Event, HttpCall, HttpMethod};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{broadcast, mpsc};

use super::client_ip::ClientIp;
use super::files;
use super::frames::{self, Authored, MessageCreated, MessageFrame};
use super::problem::Problem;
use super::visitor_account::{self, OFF_MILLIS, Standing};
use super::visitor_frames::{Sent, client_id, control_of, next};
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::ids::{ChannelAccountId, ConversationId, MessageId};
use crate::limits::SocketLimit;
use crate::links::veiled;
use crate::live::Glimpse;
use crate::store::{Author, Ingest, Ingested, LoggedEvent, NewFeedback};
use crate::views::MessageView;

const HISTORY: i64 = 30;
const REPLAY: i64 = 500;
const FIRST_FRAME: Duration = Duration::from_secs(5);
/// A client pings every 25 s; one that is silent for three pings is gone.
const SILENCE: Duration = Duration::from_secs(80);
/// How soon a silent visitor is told that the account was switched off or taken away.
const LOOK: Duration = Duration::from_secs(2);

pub(super) async fn open(
    State(app): State<App>,
    Path(account): Path<ChannelAccountId>,
    ClientIp(ip): ClientIp,
    upgrade: WebSocketUpgrade,
) -> Response {
    if let Err(retry) = app.limits.ip(ip) {
        return Problem::too_many(retry).into_response();
    }
    let account =
        app.accounts.find(&account).await.filter(|account| account.name == channels::ChannelName::Web);
    let Some(account) = account else { return Problem::not_found("channel account").into_response() };
    frames::limited(upgrade, 1 << 20).on_upgrade(move |socket| async move {
        metrics::gauge!("sala_ws_connections", "kind" => "visitor").increment(1.0);
        let mut visitor = Visitor::new(app, account, socket);
        visitor.serve().await;
        metrics::gauge!("sala_ws_connections", "kind" => "visitor").decrement(1.0);
    })
}

/// Why a socket ends. Nobody is told more than the close itself.
struct Gone;

struct Visitor {
    app: App,
    /// As it was when it was last looked at: before every frame, and now and then.
    account: Arc<OpenAccount>,
    /// What the visitor was told of the account: true unless it is switched off.
    on: bool,
    socket: WebSocket,
    limit: SocketLimit,
    token: String,
    id: String,
    /// What the shop's own sign-in calls the visitor.
    name: Option<String>,
    language: Option<String>,
    conversation: Option<ConversationId>,
    events: Option<mpsc::Receiver<Arc<LoggedEvent>>>,
    glimpses: broadcast::Receiver<Glimpse>,
    cursor: i64,
    control: String,
    /// The messages that show a code.
    codes: Vec<MessageId>,
}

impl Visitor {
    fn new(app: App, account: Arc<OpenAccount>, socket: WebSocket) -> Self {
        let limit = app.limits.socket();
        let glimpses = app.live.glimpses();
        Self {
            app,
            account,
            on: true,
            socket,
            limit,
            token: String::new(),
            id: String::new(),
            name: None,
            language: None,
            conversation: None,
            events: None,
            glimpses,
            cursor: 0,
            control: "bot".to_owned(),
            codes: Vec::new(),
        }
    }

    async fn serve(&mut self) {
        // Every way out is the same: the socket closes, the client comes back with its cursor.
        drop(self.run().await);
    }

    async fn run(&mut self) -> Result<(), Gone> {
        let first = tokio::time::timeout(FIRST_FRAME, self.socket.recv()).await.map_err(|_| Gone)?;
        let text = match first {
            Some(Ok(frame)) if frames::is_too_large(&frame) => {
                return self.refuse(None, "too_long", None).await;
            }
            Some(Ok(Frame::Text(text))) => text,
            Some(Err(error)) => return self.end(&error).await,
            _ => return Err(Gone),
        };
        let Ok(Sent::Hello { token, cursor, lang, identity }) = serde_json::from_str::<Sent>(&text) else {
            return self.refuse(None, "malformed", None).await;
        };
        if let Some(identity) = identity {
            let now = self.app.store.clock().now();
            let known = match channels::web::verify_identity(&self.account.config, &identity, now.0) {
                Ok(known) => known,
                Err(why) => {
                    let refused = json!({ "type": "refused", "client_id": null, "code": "unauthorised",
                        "retry_after_ms": null, "reason": why });
                    return self.send(&refused).await;
                }
            };
            let config = &self.account.config;
            self.token = channels::web::issue_signed_in_token(config, &known, now.0).ok_or(Gone)?;
            (self.id, self.name) = (known.visitor, known.name);
            let signed = |config: &_| channels::web::verify_identity(config, &identity, now.0).is_ok();
            crate::rotation::note_by(&self.app, &self.account, signed).await;
        } else {
            self.identify(token)?;
        }
        self.language = lang.filter(|lang| lang.len() <= 16);
        self.greet(cursor).await?;
        let mut looks = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                frame = tokio::time::timeout(SILENCE, self.socket.recv()) => match frame {
                    Ok(Some(Ok(frame))) => self.hear(frame).await?,
                    Ok(Some(Err(error))) => return self.end(&error).await,
                    _ => return Err(Gone),
                },
                event = next(&mut self.events) => match event {
                    Some(event) => self.show(&event).await?,
                    None => self.rejoin().await?,
                },
                glimpse = self.glimpses.recv() => self.show_glimpse(glimpse).await?,
                _ = looks.tick() => {
                    self.look().await?;
                    self.veil_used().await?;
                }
            }
        }
    }

    async fn end(&mut self, error: &axum::Error) -> Result<(), Gone> {
        frames::end(&mut self.socket, error).await;
        Err(Gone)
    }

    /// Looks at the account again. False while nothing can be taken in; the socket ends where that is for good.
    async fn look(&mut self) -> Result<bool, Gone> {
        let on = match visitor_account::standing(&self.app, &self.account, &self.token).await {
            Standing::Open(account) => {
                self.account = account;
                self.renew().await?;
                true
            }
            Standing::Off(account) => {
                self.account = account;
                false
            }
            Standing::Unknown => return Ok(false),
            Standing::Gone(code) => {
                if code == visitor_account::UNAUTHORISED {
                    self.refuse(None, "unauthorised", None).await?;
                }
                visitor_account::close(&mut self.socket, code).await;
                return Err(Gone);
            }
        };
        if on != self.on {
            self.on = on;
            self.send(&json!({ "type": "service", "on": on })).await?;
        }
        Ok(on)
    }

    fn follow(&mut self, conversation: ConversationId) {
        self.events = Some(self.app.live.subscribe_conversation(&conversation));
        self.conversation = Some(conversation);
    }

    /// Reads from the log what the live channel did not bring, under a fresh subscription.
    async fn catch_up(&mut self) -> Result<(), Gone> {
        let Some(conversation) = self.conversation.clone() else { return Ok(()) };
        if self.events.as_ref().is_none_or(mpsc::Receiver::is_closed) {
            self.follow(conversation.clone());
        }
        loop {
            let events = self
                .app
                .store
                .conversation_events_after(&self.account.tenant, &conversation, self.cursor, REPLAY)
                .await
                .map_err(|_| Gone)?;
            for event in &events {
                self.show(event).await?;
            }
            if (events.len() as i64) < REPLAY {
                return Ok(());
            }
        }
    }

    async fn hear(&mut self, frame: Frame) -> Result<(), Gone> {
        let is_too_large = frames::is_too_large(&frame);
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Close(_) => return Err(Gone),
            Frame::Ping(_) | Frame::Pong(_) => return Ok(()),
            Frame::Binary(_) if is_too_large => return self.refuse(None, "too_long", None).await,
            Frame::Binary(_) => return self.refuse(None, "malformed", None).await,
        };
        if let Err(retry) = self.limit.check() {
            return self.refuse(client_id(&text), "too_fast", Some(retry.millis)).await;
        }
        if is_too_large {
            return self.refuse(client_id(&text), "too_long", None).await;
        }
        let sent = serde_json::from_str::<Sent>(&text);
        if !self.look().await? && !matches!(sent, Ok(Sent::Ping) | Err(_)) {
            return self.refuse(client_id(&text), "unavailable", Some(OFF_MILLIS)).await;
        }
        match sent {
            Ok(Sent::Message { client_id } | Sent::Choice { client_id }) => {
                self.take_in(&text, client_id).await
            }
            Ok(Sent::Thumb { message_id, value }) => self.judge(message_id, value).await,
            Ok(Sent::Typing) => {
                if let Some(conversation) = self.conversation.clone() {
                    let tenant = self.account.tenant.clone();
                    self.app.live.glimpse(Glimpse::CustomerTyping { tenant, conversation });
                }
                Ok(())
            }
            Ok(Sent::Ping) => self.send(&json!({ "type": "pong" })).await,
            Ok(Sent::Hello { .. }) | Err(_) => self.refuse(client_id(&text), "malformed", None).await,
        }
    }

    /// The frame is verified and decoded by the channel like any webhook, stored, and only then accepted.
    async fn take_in(&mut self, frame: &str, client_id: String) -> Result<(), Gone> {
        let call = HttpCall {
            method: HttpMethod::Post,
            query: Vec::new(),
            headers: vec![("authorization".to_owned(), format!("Bearer {}", self.token))],
            body: frame.as_bytes(),
            now: self.app.store.clock().now().0,
        };
        let received = match self.account.adapter.receive(&self.account.config, &call) {
            Ok(received) => received,
            Err(channels::Refusal::Unverified) => {
                return self.refuse(Some(client_id), "unauthorised", None).await;
            }
            Err(channels::Refusal::Malformed) => {
                return self.refuse(Some(client_id), "malformed", None).await;
            }
            Err(channels::Refusal::TooLong) => {
                return self.refuse(Some(client_id), "too_long", None).await;
            }
        };
        for heard in received.events {
            let Event::Message(mut message) = heard.event else { continue };
            message.sender.language.clone_from(&self.language);
            message.sender.display_name.clone_from(&self.name);
            if let Err(error) = crate::links::veil(&self.app, &self.account, &mut message).await {
                tracing::warn!(%error, "a visitor's message cannot be read");
                self.refuse(Some(client_id.clone()), "unavailable", Some(1000)).await?;
                continue;
            }
            if !self.claim_file(&message.content).await? {
                self.refuse(Some(client_id.clone()), "malformed", None).await?;
                continue;
            }
            let ingest = Ingest {
                tenant: self.account.tenant.clone(),
                account: self.account.id.clone(),
                channel: self.account.name.as_str(),
                message: *message,
            };
            match self.app.store.ingest(ingest).await {
                Ok(Ingested::Accepted(message)) => self.accept(&client_id, *message).await?,
                Ok(Ingested::Duplicate) => {
                    self.send(&json!({ "type": "accepted", "client_id": client_id, "message": null }))
                        .await?;
                }
                Err(error) => {
                    tracing::warn!(%error, "a visitor's message cannot be stored");
                    self.refuse(Some(client_id.clone()), "unavailable", Some(1000)).await?;
                }
            }
        }
        Ok(())
    }

    async fn accept(&mut self, client_id: &str, message: crate::store::Message) -> Result<(), Gone> {
        let view = MessageView::of(&message);
        self.send_files(json!({ "type": "accepted", "client_id": client_id, "message": view })).await?;
        if self.control == "bot" {
            self.send(&json!({ "type": "typing", "author": "bot", "on": true })).await?;
        }
        if self.conversation.as_ref() != Some(&message.conversation) {
            self.follow(message.conversation);
            self.rejoin().await?;
        }
        Ok(())
    }

    async fn judge(&mut self, message: MessageId, value: i64) -> Result<(), Gone> {
        let feedback = NewFeedback {
            tenant: self.account.tenant.clone(),
            message,
            source: "customer",
            actor: self.id.clone(),
            value,
            note: None,
        };
        match self.app.store.give_feedback(feedback).await {
            Ok(()) => Ok(()),
            Err(crate::store::StoreError::NotFound(_)) => self.refuse(None, "malformed", None).await,
            Err(_) => self.refuse(None, "unavailable", Some(1000)).await,
        }
    }

    /// Shows what concerns a visitor; everything else only moves the cursor.
    async fn show(&mut self, event: &LoggedEvent) -> Result<(), Gone> {
        if event.n <= self.cursor {
            return Ok(());
        }
        self.cursor = event.n;
        match event.kind.as_str() {
            "message.created" => {
                let MessageCreated { message } = parse(event.data.get())?;
                let Authored { author, id } = parse(message.get())?;
                if author == Author::Note.as_str() {
                    return Ok(());
                }
                if author != Author::Customer.as_str() && message.get().contains(veiled::VEIL) {
                    return self.show_opened(event.n, &MessageId::from_text(id)).await;
                }
                if message.get().contains(files::MEDIA) {
                    let message: Value = parse(message.get())?;
                    return self
                        .send_files(json!({ "type": "message", "cursor": event.n, "message": message }))
                        .await;
                }
                self.send(&MessageFrame { kind: "message", cursor: event.n, message }).await
            }
            "turn.recorded" => self.send(&json!({ "type": "typing", "author": "bot", "on": false })).await,
            "conversation.updated" => {
                let data: Value = parse(event.data.get())?;
                let conversation = &data["conversation"];
                let control = conversation["control"].as_str().unwrap_or("bot");
                self.show_control(control, &conversation["agent"]["name"]).await
            }
            _ => Ok(()),
        }
    }

    /// Shows who answers, where that has changed.
    async fn show_control(&mut self, control: &str, agent: &Value) -> Result<(), Gone> {
        if control == self.control {
            return Ok(());
        }
        control.clone_into(&mut self.control);
        let wait = self.wait_minutes().await;
        self.send(&json!({
            "type": "control", "cursor": self.cursor, "control": self.control, "agent": agent, "wait_minutes": wait,
        }))
        .await
    }

    /// Shows what the live channel did not bring, because it was cut off or has only begun.
    async fn rejoin(&mut self) -> Result<(), Gone> {
        self.catch_up().await?;
        let Some(id) = self.conversation.clone() else { return Ok(()) };
        let read = self.app.store.conversation(&self.account.tenant, &id).await;
        let (control, agent) = control_of(read.map_err(|_| Gone)?.as_ref());
        self.show_control(control, &agent).await
    }

    async fn show_glimpse(
        &mut self,
        glimpse: Result<Glimpse, broadcast::error::RecvError>,
    ) -> Result<(), Gone> {
        match glimpse {
            Ok(Glimpse::AgentTyping { conversation })
                if Some(&conversation) == self.conversation.as_ref() =>
            {
                self.send(&json!({ "type": "typing", "author": "agent", "on": true })).await
            }
            Err(broadcast::error::RecvError::Closed) => Err(Gone),
            _ => Ok(()),
        }
    }

    async fn wait_minutes(&mut self) -> Option<u32> {
        if self.control != "waiting" {
            return None;
        }
        let tenant = &self.account.tenant;
        self.app
            .waits
            .estimate(&self.app.store, tenant, self.conversation.as_ref()?)
            .await
            .ok()
            .and_then(|wait| wait.minutes)
    }

    async fn refuse(
        &mut self,
        client_id: Option<String>,
        code: &str,
        retry: Option<u64>,
    ) -> Result<(), Gone> {
        self.send(
            &json!({ "type": "refused", "client_id": client_id, "code": code, "retry_after_ms": retry }),
        )
        .await
    }

    async fn send(&mut self, frame: &impl Serialize) -> Result<(), Gone> {
        let text = serde_json::to_string(frame).map_err(|_| Gone)?;
        self.socket.send(Frame::Text(text.into())).await.map_err(|_| Gone)
    }
}

fn parse<'e, Data: Deserialize<'e>>(data: &'e str) -> Result<Data, Gone> {
    serde_json::from_str(data).map_err(|_| Gone)
}

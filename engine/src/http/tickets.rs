//! Tickets: a socket cannot send our header, so a signed-in page fetches one, good once and for 30 seconds.

use axum::extract::State;
use axum::{Extension, Json};
use dashmap::DashMap;
use serde_json::{Value, json};

use super::caller::{Caller, token_hash};
use super::problem::Problem;
use super::session::new_token;
use crate::app::App;
use crate::clock::Micros;

const LIFE: i64 = 30 * Micros::SECOND;
const MOST: usize = 10_000;

/// The tickets that are out: hash → session id and expiry.
#[derive(Debug, Default)]
pub struct Tickets(DashMap<String, (String, Micros)>);

impl Tickets {
    pub fn issue(&self, session: &str, now: Micros) -> Option<String> {
        self.0.retain(|_, (_, expires)| *expires > now);
        if self.0.len() >= MOST {
            return None;
        }
        let token = new_token();
        self.0.insert(token_hash(&token), (session.to_owned(), Micros(now.0 + LIFE)));
        Some(token)
    }

    /// The session of a ticket, which is then used up.
    pub fn redeem(&self, ticket: &str, now: Micros) -> Option<String> {
        let (_, (session, expires)) = self.0.remove(&token_hash(ticket))?;
        (expires > now).then_some(session)
    }
}

/// A ticket for the live socket.
#[utoipa::path(post, path = "/api/v1/live/ticket", responses((status = 200, body = Object), (status = 401), (status = 403), (status = 503)))]
pub(super) async fn issue(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
) -> Result<Json<Value>, Problem> {
    let ticket =
        app.tickets.issue(&caller.session, app.store.clock().now()).ok_or_else(Problem::unavailable)?;
    Ok(Json(json!({ "ticket": ticket })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_once_and_for_half_a_minute() {
        let tickets = Tickets::default();
        let now = Micros(1_000_000);
        let first = tickets.issue("session", now).unwrap();
        assert_eq!(tickets.redeem(&first, now).as_deref(), Some("session"));
        assert_eq!(tickets.redeem(&first, now), None);
        let second = tickets.issue("session", now).unwrap();
        assert_eq!(tickets.redeem(&second, Micros(now.0 + LIFE)), None);
    }
}

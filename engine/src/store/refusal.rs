//! Why PostgreSQL could not be opened: one sentence that says what to do, and never the password.

use std::borrow::Cow;

use sqlx::error::DatabaseError;
use sqlx::postgres::PgConnectOptions;

use super::StoreError;

/// What the error means for somebody who wrote the address.
pub(super) fn explain(url: &str, error: sqlx::Error) -> StoreError {
    let Ok(options) = url.parse::<PgConnectOptions>() else {
        return unusable(
            "database.url is no address of a PostgreSQL: it is written postgres://USER:PASSWORD@HOST:PORT/NAME"
                .to_owned(),
        );
    };
    let server = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let (user, name) = (options.get_username(), options.get_database().unwrap_or(options.get_username()));
    let code = error.as_database_error().and_then(DatabaseError::code).map(Cow::into_owned);
    match (code.as_deref(), &error) {
        (Some("28P01" | "28000"), _) => unusable(format!(
            "PostgreSQL at {server} does not let {user} in: check the user and the password in database.url"
        )),
        (Some("3D000"), _) => unusable(format!(
            "PostgreSQL at {server} has no database {name}: make it with createdb, or correct the name in database.url"
        )),
        (None, sqlx::Error::Io(reason)) => unreachable_at(&server, &reason.to_string()),
        (None, sqlx::Error::Tls(reason)) => unreachable_at(&server, &reason.to_string()),
        (None, sqlx::Error::PoolTimedOut) => unreachable_at(&server, "it does not answer"),
        _ => StoreError::Database(error),
    }
}

fn unreachable_at(server: &str, reason: &str) -> StoreError {
    unusable(format!(
        "PostgreSQL at {server} cannot be reached ({reason}): check that it runs and that database.url has its host and \
         port"
    ))
}

fn unusable(reason: String) -> StoreError {
    StoreError::Unusable(reason)
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::fmt;

    use sqlx::error::ErrorKind;

    use super::*;

    const URL: &str = "postgres://nok:s3cret@db.example:5433/sala";

    /// What a server answers, by its code.
    #[derive(Debug)]
    struct Answer(&'static str);

    impl fmt::Display for Answer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.message())
        }
    }

    impl Error for Answer {}

    impl DatabaseError for Answer {
        fn message(&self) -> &'static str {
            "the server's own words"
        }
        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }
        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }
        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }
        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }
        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    #[track_caller]
    fn check(url: &str, error: sqlx::Error, expected: &str) {
        let said = explain(url, error).to_string();
        assert!(said.contains(expected) && !said.contains("s3cret"), "{said}");
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        let answer = |code| sqlx::Error::Database(Box::new(Answer(code)));
        check(
            URL,
            answer("28P01"),
            "PostgreSQL at db.example:5433 does not let nok in: check the user and the password",
        );
        check(
            URL,
            answer("3D000"),
            "PostgreSQL at db.example:5433 has no database sala: make it with createdb",
        );
        check(URL, answer("42501"), "the server's own words");
        let refused = std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "connection refused");
        check(
            URL,
            refused.into(),
            "PostgreSQL at db.example:5433 cannot be reached (connection refused): check that",
        );
        check(URL, sqlx::Error::PoolTimedOut, "cannot be reached (it does not answer)");
        check(
            "postgres://nok:s3cret@db:x/sala",
            sqlx::Error::PoolTimedOut,
            "database.url is no address of a PostgreSQL",
        );
    }
}

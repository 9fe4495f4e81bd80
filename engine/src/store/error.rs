//! What can go wrong in the store, by what the caller must do.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The write queue is full: refuse the work (503) and let the sender try again.
    #[error("the database is busy: try again in a moment")]
    Overloaded,
    /// Somebody else owns the conversation now: drop the result.
    #[error("the conversation's lease has gone to another worker")]
    Fenced,
    /// The thing is not there, or belongs to another tenant.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The change collides with one that was made meanwhile.
    #[error("{0}")]
    Conflict(&'static str),
    /// The database could not be reached or refused the statement.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A stored value cannot be read: a bug or a damaged file.
    #[error("a stored {what} cannot be read: {reason}")]
    Corrupt { what: &'static str, reason: String },
    /// The database cannot be used at all.
    #[error("the database cannot be used: {0}")]
    Unusable(String),
}

impl StoreError {
    pub(crate) fn corrupt(what: &'static str) -> impl FnOnce(serde_json::Error) -> Self {
        move |error| Self::Corrupt { what, reason: error.to_string() }
    }

    /// True when the same call may succeed a moment later.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Overloaded | Self::Database(_))
    }
}

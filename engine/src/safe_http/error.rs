//! Why an outgoing request brought no answer.

/// By what the caller must do. None of these ever holds more of an address than its host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingError {
    /// It must never be sent: show it to whoever wrote the address. Nothing left this machine.
    #[error("the request to {host} is not allowed: {reason}")]
    Blocked { host: String, reason: BlockReason },
    /// There was no answer in time. When `sent`, the other side may have got it: count it as ambiguous before trying
    /// again.
    #[error("{host} did not answer in time")]
    TimedOut { host: String, sent: bool },
    /// The other side certainly did not get it: try again later.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable { host: String, reason: String },
    /// The answer is larger than the caller wants. The other side did get the request.
    #[error("the answer of {host} is larger than {limit} bytes")]
    TooLarge { host: String, limit: usize },
    /// What came back is no whole HTTP answer. The other side may have got the request.
    #[error("{host} broke off or did not answer as HTTP: {reason}")]
    BadResponse { host: String, reason: String },
}

impl OutgoingError {
    /// True when the other side may have acted on the request.
    pub fn may_have_been_received(&self) -> bool {
        match self {
            Self::Blocked { .. } | Self::Unreachable { .. } => false,
            Self::TimedOut { sent, .. } => *sent,
            Self::TooLarge { .. } | Self::BadResponse { .. } => true,
        }
    }
}

/// What is wrong with a request that must not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockReason {
    #[error("the address cannot be read")]
    Address,
    #[error("only http and https are allowed")]
    Scheme,
    #[error("a name or password before the host is not allowed")]
    Credentials,
    #[error("its network is private or reserved")]
    Network,
    #[error("a header cannot be sent or is not the caller's to set")]
    Header,
}

impl BlockReason {
    /// The stable name, as the metric's label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Scheme => "scheme",
            Self::Credentials => "credentials",
            Self::Network => "network",
            Self::Header => "header",
        }
    }
}

/// The program has no usable outgoing HTTP: it should not start.
#[derive(Debug, thiserror::Error)]
#[error("outgoing HTTP cannot be set up: {0}")]
pub struct SafeHttpUnusable(pub(super) String);

//! Permissions: a closed list. Every route names the one it needs.

/// What a caller may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    ConversationsRead,
    ConversationsReply,
    FeedbackGive,
    OperationsRead,
    OperationsManage,
    ChannelsManage,
    ChannelsBroadcast,
    TrainingManage,
    FiguresAsk,
}

impl Permission {
    pub const ALL: [Self; 9] = [
        Self::ConversationsRead,
        Self::ConversationsReply,
        Self::FeedbackGive,
        Self::OperationsRead,
        Self::OperationsManage,
        Self::ChannelsManage,
        Self::ChannelsBroadcast,
        Self::TrainingManage,
        Self::FiguresAsk,
    ];

    /// The stable name that roles hold.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConversationsRead => "conversations.read",
            Self::ConversationsReply => "conversations.reply",
            Self::FeedbackGive => "feedback.give",
            Self::OperationsRead => "operations.read",
            Self::OperationsManage => "operations.manage",
            Self::ChannelsManage => "channels.manage",
            Self::ChannelsBroadcast => "channels.broadcast",
            Self::TrainingManage => "training.manage",
            Self::FiguresAsk => "figures.ask",
        }
    }
}

//! How somebody proves, on another channel, that they are the same person.
//!
//! `proof` makes and reads one-time codes and signed tokens, `edge` takes them out of what arrives before it is stored,
//! `turn` answers whoever brought one, `question` asks them before anything is joined, `going_on` moves what they left
//! unfinished to where they are, `offer` hands them out with an address for each channel account, `veiled` keeps them from
//! everybody but their reader, `mistyped` knows a code with a slip in it, and `line_account` makes the address of LINE's page on which a person links their account.

mod edge;
pub mod going_on;
pub mod line_account;
mod mistyped;
pub mod offer;
pub mod proof;
pub(crate) mod question;
pub mod turn;
pub mod veiled;

pub use edge::veil;
pub use offer::{Offer, offer};

/// The name of the hint by which a message carries a proof to its turn: the hash of it.
pub const HINT: &str = "link";
/// In the hash's place: so many wrong codes came lately that none is looked up.
const TOO_MANY: &str = "too many";
/// The payload that asks for a code and addresses, from the web chat's menu or any button of a flow.
pub const CONTINUE_PAYLOAD: &str = "sala/continue";
/// The service of actions that the engine itself performs, and its path that hands a code out.
pub const OWN_SERVICE: &str = "sala";
pub const CONTINUE_PATH: &str = "/continue";

//! What the demo's pretended platforms remember when the program is started again, even after it was killed.
//!
//! They are values that do the same for the same calls, so their memory is a list of what happened to them: a line each in
//! a file of the data folder, written before anybody hears of it, and played again at the next start. It holds no secrets:
//! those of the accounts stand by their names. The oldest part goes when there is too much of it; people who wrote in it
//! and never again are forgotten then.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use channels::simulator::{CustomerAct, Fault, Simulator};
use channels::{AccountConfig, ChannelName, HttpCall, HttpMethod};
use serde::{Deserialize, Serialize};

const FILE: &str = "platforms.jsonl";
const OLDER: &str = "platforms.older.jsonl";
/// Lines of one file; there are two at the most.
const LINES: usize = 10_000;
/// The longest line. What is larger (a film) is remembered without its bytes.
const LONGEST: usize = 256 << 10;
/// No line makes a platform count further than this.
const NUMBERS_A_LINE: u64 = 16;
/// What of a call's headers a platform may look at.
const HEADERS: [&str; 3] = ["authorization", "content-type", "x-line-retry-key"];

/// The first line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// Where the platforms began to count when the first of these things happened.
    from: u64,
    /// Another program may count otherwise.
    program: String,
}

/// Something that happened to a platform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Event {
    channel: ChannelName,
    at: i64,
    #[serde(flatten)]
    what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
enum What {
    Did { customer: String, act: CustomerAct },
    Called(Call),
    Fails { faults: Vec<Fault> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Call {
    method: HttpMethod,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    /// In base64 where it is no text.
    body: String,
    #[serde(default)]
    is_base64: bool,
}

/// The memory of the platforms of one data folder.
pub struct Memory {
    folder: PathBuf,
    open: Mutex<Open>,
}

struct Open {
    file: File,
    head: Head,
    lines: usize,
}

/// What was remembered when the memory was opened.
pub struct Remembered {
    /// Where the platforms are to begin to count, so that the same calls give the same numbers.
    pub from: u64,
    events: Vec<Event>,
}

impl Memory {
    /// Opens the memory of this folder; `from` is where platforms without a past begin to count.
    pub fn open(folder: &Path, from: u64) -> io::Result<(Self, Remembered)> {
        let program = env!("CARGO_PKG_VERSION").to_owned();
        let older = read(&folder.join(OLDER))?;
        let newer = read(&folder.join(FILE))?;
        let lines = newer.as_ref().map_or(0, |(_, events)| events.len());
        let own = newer.as_ref().map(|(head, _)| head.clone());
        let parts: Vec<(Head, Vec<Event>)> = older.into_iter().chain(newer).collect();
        let first = parts.first().map(|(head, _)| head.clone());
        let is_strange = parts.iter().any(|(head, _)| head.program != program);
        let events: Vec<Event> = parts.into_iter().flat_map(|(_, events)| events).collect();
        let spent = u64::try_from(events.len()).unwrap_or(u64::MAX).saturating_mul(NUMBERS_A_LINE);
        let from = match first {
            Some(head) if is_strange => head.from.saturating_add(spent).max(from),
            Some(head) => head.from,
            None => from,
        };
        let (file, head, lines) = if let Some(head) = own.filter(|_| !is_strange) {
            (appending(&folder.join(FILE))?, head, lines)
        } else {
            let head = Head { from, program };
            let mut file = fresh(folder, &head)?;
            for event in &events {
                write(&mut file, event)?;
            }
            remove(&folder.join(OLDER))?;
            (file, head, events.len())
        };
        let memory = Self { folder: folder.to_owned(), open: Mutex::new(Open { file, head, lines }) };
        Ok((memory, Remembered { from, events }))
    }

    /// A customer did something.
    pub fn did(&self, channel: ChannelName, customer: &str, act: &CustomerAct, at: i64) {
        let act = match act {
            CustomerAct::Sends { kind, name, mime, bytes, caption } if bytes.len() > LONGEST / 4 => {
                let (name, mime, caption) = (name.clone(), mime.clone(), caption.clone());
                CustomerAct::Sends { kind: *kind, name, mime, bytes: Vec::new(), caption }
            }
            act => act.clone(),
        };
        self.keep(&Event { channel, at, what: What::Did { customer: customer.to_owned(), act } });
    }

    /// Our side, or a client library, called the platform. Calls that ask change nothing, and those for tokens hold secrets.
    pub fn called(
        &self,
        channel: ChannelName,
        secrets: &BTreeMap<String, String>,
        path: &str,
        call: &HttpCall<'_>,
    ) {
        let asks = call.method == HttpMethod::Get || path.ends_with("/getUpdates");
        if asks || path.contains("oauth") || call.body.len() > LONGEST / 2 {
            return;
        }
        let named = |text: &str| named(text, secrets);
        let text = std::str::from_utf8(call.body).ok();
        let body = text.map_or_else(|| BASE64_STANDARD.encode(call.body), str::to_owned);
        let headers = call.headers.iter().filter(|(name, _)| HEADERS.contains(&name.as_str()));
        let what = What::Called(Call {
            method: call.method,
            path: named(path),
            query: call.query.iter().map(|(name, value)| (name.clone(), named(value))).collect(),
            headers: headers.map(|(name, value)| (name.clone(), named(value))).collect(),
            body,
            is_base64: text.is_none(),
        });
        self.keep(&Event { channel, at: call.now, what });
    }

    /// Failures were asked for.
    pub fn fails(&self, channel: ChannelName, faults: &[Fault], at: i64) {
        self.keep(&Event { channel, at, what: What::Fails { faults: faults.to_vec() } });
    }

    fn keep(&self, event: &Event) {
        let Ok(mut open) = self.open.lock() else { return };
        if let Err(error) = self.add(&mut open, event) {
            tracing::warn!(%error, "the pretended platforms will have forgotten this at the next start");
        }
    }

    fn add(&self, open: &mut Open, event: &Event) -> io::Result<()> {
        if open.lines >= LINES {
            fs::rename(self.folder.join(FILE), self.folder.join(OLDER))?;
            let spent = u64::try_from(open.lines).unwrap_or(u64::MAX).saturating_mul(NUMBERS_A_LINE);
            let head = Head { from: open.head.from.saturating_add(spent), ..open.head.clone() };
            *open = Open { file: fresh(&self.folder, &head)?, head, lines: 0 };
        }
        write(&mut open.file, event)?;
        open.lines += 1;
        Ok(())
    }
}

impl Remembered {
    /// No past: platforms begin to count at `from`.
    pub fn nothing(from: u64) -> Self {
        Self { from, events: Vec::new() }
    }

    /// Lets the platform of this account live through its past again. The webhooks of then were carried then.
    pub fn play(&self, platform: &mut dyn Simulator, account: &AccountConfig) {
        let channel = platform.channel();
        for event in self.events.iter().filter(|event| event.channel == channel) {
            match &event.what {
                What::Did { customer, act } => drop(platform.customer(customer, act, event.at)),
                What::Fails { faults } => platform.fail_next(faults),
                What::Called(call) => {
                    let filled = |pairs: &[(String, String)]| {
                        let filled =
                            |(name, value): &(String, String)| (name.clone(), account.fill_secrets(value));
                        pairs.iter().map(filled).collect()
                    };
                    let body = if call.is_base64 {
                        BASE64_STANDARD.decode(&call.body).unwrap_or_default()
                    } else {
                        call.body.clone().into_bytes()
                    };
                    let again = HttpCall {
                        method: call.method,
                        query: filled(&call.query),
                        headers: filled(&call.headers),
                        body: &body,
                        now: event.at,
                    };
                    drop(platform.handle(&account.fill_secrets(&call.path), &again));
                }
            }
        }
    }
}

/// The text with every secret in it by its name, as `{bot_token}`.
fn named(text: &str, secrets: &BTreeMap<String, String>) -> String {
    let known = secrets.iter().filter(|(_, secret)| !secret.is_empty());
    known.fold(text.to_owned(), |text, (name, secret)| text.replace(secret.as_str(), &format!("{{{name}}}")))
}

/// A new file in the place of the one that is written to.
fn fresh(folder: &Path, head: &Head) -> io::Result<File> {
    let mut file = File::create(folder.join(FILE))?;
    write(&mut file, head)?;
    Ok(file)
}

fn appending(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new().append(true).open(path)?;
    // What a kill cut short stands alone, so that nothing else is lost with it.
    file.write_all(b"\n")?;
    Ok(file)
}

fn write(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(line)?;
    line.push(b'\n');
    file.write_all(&line)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The head and events of a file; none where there is no such file, or none with a head.
fn read(path: &Path) -> io::Result<Option<(Head, Vec<Event>)>> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(mut file) => file.read_to_end(&mut bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let Some(head) = lines.next().and_then(|line| serde_json::from_slice::<Head>(line).ok()) else {
        return Ok(None);
    };
    Ok(Some((head, lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())))
}

#[cfg(test)]
mod tests {
    use channels::simulator::{NO_ANSWER, pretended};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_795_000_000_000_000;
    const PERSON: &str = "4000001";

    fn account() -> AccountConfig {
        let secrets = BTreeMap::from([("bot_token".to_owned(), "123:TelegramToken".to_owned())]);
        AccountConfig {
            secrets,
            api_base: "http://127.0.0.1:1/telegram".to_owned(),
            ..AccountConfig::default()
        }
    }

    /// The platform as it is after a start in this folder.
    fn start(folder: &Path) -> (Memory, Box<dyn Simulator>) {
        let (memory, remembered) = Memory::open(folder, 1_000).unwrap();
        let mut platform = pretended(ChannelName::Telegram, &account(), "", remembered.from).unwrap();
        remembered.play(platform.as_mut(), &account());
        (memory, platform)
    }

    fn say(memory: &Memory, platform: &mut dyn Simulator, text: &str) {
        let act = CustomerAct::Says { text: text.to_owned(), quotes: None };
        platform.customer(PERSON, &act, NOW).unwrap();
        memory.did(ChannelName::Telegram, PERSON, &act, NOW);
    }

    fn send(memory: &Memory, platform: &mut dyn Simulator, text: &str) -> u16 {
        let body = json!({ "chat_id": PERSON.parse::<i64>().unwrap(), "text": text }).to_string();
        let call = HttpCall {
            method: HttpMethod::Post,
            query: Vec::new(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.as_bytes(),
            now: NOW,
        };
        let path = "/bot123:TelegramToken/sendMessage";
        let (answer, _) = platform.handle(path, &call);
        memory.called(ChannelName::Telegram, &account().secrets, path, &call);
        answer.status
    }

    #[test]
    fn a_platform_knows_its_people_and_messages_after_a_kill() {
        let folder = tempfile::tempdir().unwrap();
        let (memory, mut platform) = start(folder.path());
        assert_eq!(send(&memory, platform.as_mut(), "nobody is here"), 400);
        say(&memory, platform.as_mut(), "สวัสดีค่ะ");
        assert_eq!(send(&memory, platform.as_mut(), "hello"), 200);
        memory.fails(ChannelName::Telegram, &[Fault::Reset], NOW);
        platform.fail_next(&[Fault::Reset]);
        assert_eq!(send(&memory, platform.as_mut(), "lost on the way"), NO_ANSWER);
        let before = platform.transcript(PERSON);
        // Nothing is closed: this is what a kill leaves, with a line that was cut short.
        let mut torn = OpenOptions::new().append(true).open(folder.path().join(FILE)).unwrap();
        torn.write_all(b"{\"channel\":\"tele").unwrap();
        let written = fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(!written.contains("TelegramToken"), "{written}");

        let (memory, mut platform) = start(folder.path());
        assert_eq!(platform.transcript(PERSON), before);
        assert_eq!(send(&memory, platform.as_mut(), "still here"), 200);
        let before = platform.transcript(PERSON);
        let (_, platform) = start(folder.path());
        assert_eq!(platform.transcript(PERSON), before);
        assert_eq!(before.len(), 3);
    }

    #[test]
    fn what_is_kept_is_bounded_and_no_number_comes_again() {
        let folder = tempfile::tempdir().unwrap();
        let (memory, mut platform) = start(folder.path());
        for _ in 0..=LINES {
            say(&memory, platform.as_mut(), "x");
        }
        let number = |platform: &dyn Simulator| -> i64 {
            platform.transcript(PERSON).last().unwrap().id.parse().unwrap()
        };
        let full = number(platform.as_ref());
        let (memory, mut platform) = start(folder.path());
        assert_eq!(number(platform.as_ref()), full);
        for _ in 0..=LINES {
            say(&memory, platform.as_mut(), "y");
        }
        let last = number(platform.as_ref());
        let (_, platform) = start(folder.path());
        assert!(number(platform.as_ref()) >= last);
        let kept = platform.transcript(PERSON).len();
        assert!((LINES..=2 * LINES).contains(&kept), "{kept}");
    }

    #[test]
    fn a_file_that_is_none_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "{}\nrubbish\n").unwrap();
        let (memory, mut platform) = start(folder.path());
        say(&memory, platform.as_mut(), "hello");
        assert_eq!(start(folder.path()).1.transcript(PERSON).len(), 1);
    }
}

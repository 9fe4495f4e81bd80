//! The outbound bodies that others recorded, and the replies that we would make them of: `fixtures/<channel>/outbound.json`
//! names every one, with the reply that renders to it or the reason why no reply of ours does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::fixtures::shared;
use crate::json::read_mended_json;
use crate::{AccountConfig, ChannelName, Destination, Reply, channel};

/// Why a body is not what a reply of ours becomes: a closed list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Why {
    /// It is done and not said: see [`crate::Action`].
    Action,
    /// Our cards have addresses behind their buttons, not behind themselves.
    CardAddress,
    /// Products, orders and payments.
    CatalogueOrPayment,
    /// Our choices are words.
    ChoicePicture,
    /// Our contact cards hold names, numbers and addresses of mail.
    ContactDetails,
    /// Our files stand at addresses of ours: none is uploaded to the platform beforehand.
    FileKeptByPlatform,
    /// A form that the platform shows.
    Form,
    /// Our lists have no words above or below them.
    HeaderOrFooter,
    /// A setting of the account, not a message.
    Setting,
    /// A post of ours, passed on.
    SharedPost,
    /// We name a person by one of their addresses.
    TwoAddresses,
    /// The blanks of our templates are texts, files and payloads.
    TypedTemplateField,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    to: String,
    /// What every whole body is filled with: whom it goes to, and what we always say.
    set: BTreeMap<String, Value>,
    bodies: Vec<Body>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the table calls it so")]
struct Body {
    /// The file below the shared fixtures, and the request in it where it is a collection.
    body: String,
    #[serde(default)]
    example: Option<String>,
    /// Where in our body this one stands, if it is a part.
    #[serde(default)]
    at: String,
    /// What its blanks are filled with.
    #[serde(default)]
    set: BTreeMap<String, Value>,
    /// `"@body"` in it stands for the body itself.
    #[serde(default)]
    reply: Option<Value>,
    #[serde(default)]
    why: Option<Why>,
}

/// The requests of a Postman collection that have a body, by name.
fn requests(items: &Value, found: &mut BTreeMap<String, Value>) {
    for item in items.as_array().into_iter().flatten() {
        requests(&item["item"], found);
        let raw = item.pointer("/request/body/raw").and_then(Value::as_str).unwrap_or_default();
        if let Ok(body) = serde_json::from_str(raw) {
            found.insert(item["name"].as_str().unwrap().to_owned(), body);
        }
    }
}

fn set(body: &mut Value, path: &str, value: &Value) {
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap_or_else(|| panic!("there is no {path}"));
    match parent {
        Value::Array(members) => members[name.parse::<usize>().unwrap()] = value.clone(),
        parent => parent[name] = value.clone(),
    }
}

fn fill(reply: &mut Value, body: &Value) {
    match reply {
        Value::String(text) if text == "@body" => *reply = body.clone(),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill(field, body)),
        Value::Array(members) => members.iter_mut().for_each(|member| fill(member, body)),
        _ => {}
    }
}

fn read(path: &Path, example: Option<&str>) -> Value {
    let file = read_mended_json(&fs::read(path).unwrap()).unwrap_or_else(|| panic!("{}", path.display()));
    let Some(example) = example else { return file };
    let mut found = BTreeMap::new();
    requests(&file["item"], &mut found);
    found.remove(example).unwrap_or_else(|| panic!("no {example}"))
}

/// Every body renders as the table says; the numbers are of those that a reply says, and of those that none does.
fn check(name: ChannelName, sources: &[(&str, &str)]) -> Option<(usize, usize)> {
    let test = "bodies_of_others_come_out_of_replies";
    let root = shared(test, "")?;
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name.as_str()).join("outbound.json");
    let table: Table = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let account = AccountConfig { external_id: "2000002".into(), ..AccountConfig::default() };
    let (mut said, mut unsaid, mut listed) = (0, 0, BTreeSet::new());
    for entry in &table.bodies {
        listed.insert((entry.body.clone(), entry.example.clone()));
        let mut body = read(&root.join(&entry.body), entry.example.as_deref());
        let Some(mut reply) = entry.reply.clone() else {
            assert!(entry.why.is_some(), "{}: neither a reply nor a reason", entry.body);
            unsaid += 1;
            continue;
        };
        fill(&mut reply, &body);
        let reply: Reply = serde_json::from_value(reply).unwrap();
        let always = table.set.iter().filter(|_| entry.at.is_empty());
        for (path, value) in always.chain(&entry.set) {
            set(&mut body, path, value);
        }
        let plan = channel(name).plan(&account, &Destination::thread(&table.to), &reply);
        let ours = plan.requests[0].body.pointer(&entry.at).cloned().unwrap_or_default();
        assert_eq!((ours, plan.requests.len()), (body, 1), "{} {:?}", entry.body, entry.example);
        assert_eq!(plan.lost, [], "{}", entry.body);
        said += 1;
    }
    for (folder, begins) in sources {
        for file in fs::read_dir(root.join(folder)).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            if !file.starts_with(begins) || Path::new(&file).extension() != Some("json".as_ref()) {
                continue;
            }
            let path = format!("{folder}/{file}");
            let mut examples = BTreeMap::new();
            requests(&read(&root.join(&path), None)["item"], &mut examples);
            let names: Vec<Option<String>> =
                if examples.is_empty() { vec![None] } else { examples.into_keys().map(Some).collect() };
            for example in names {
                assert!(
                    listed.contains(&(path.clone(), example.clone())),
                    "{path} {example:?} is not in the table"
                );
            }
        }
    }
    Some((said, unsaid))
}

#[test]
fn bodies_of_others_come_out_of_replies() {
    let expect = |name, sources: &[(&str, &str)], expected| {
        if let Some(counted) = check(name, sources) {
            assert_eq!(counted, expected, "{name:?}");
        }
    };
    let files = [("whatsapp/openapi-examples/messages", "request-"), ("whatsapp/restfb", "send-")];
    expect(ChannelName::Whatsapp, &files, (20, 32));
    let files = [
        ("messenger/postman", ""),
        ("messenger/botbuilder-facebook", "send-"),
        ("messenger/restfb-send", ""),
    ];
    expect(ChannelName::Messenger, &files, (5, 10));
    expect(ChannelName::Instagram, &[("instagram/postman", "")], (5, 2));
    expect(ChannelName::Line, &[("line/sdk-java-flex", "")], (13, 0));
}

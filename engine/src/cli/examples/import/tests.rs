use super::*;

const BOT: &str = "bot: b\nname: { th: B }\ndefault_language: th\nlanguages: [th, en]\nintents: [order]\n";

/// A bot of Thai and English, and files to import, by name and text.
struct Desk {
    bot: tempfile::TempDir,
    from: tempfile::TempDir,
}

impl Desk {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let desk = Self { bot: tempfile::tempdir().unwrap(), from: tempfile::tempdir().unwrap() };
        std::fs::write(desk.bot.path().join("bot.yaml"), BOT).unwrap();
        std::fs::create_dir_all(desk.bot.path().join("intents/en")).unwrap();
        std::fs::write(desk.bot.path().join("intents/en/order.yaml"), "examples:\n  - an order\n").unwrap();
        for (name, text) in files {
            std::fs::write(desk.from.path().join(name), text).unwrap();
        }
        desk
    }

    fn import(&self) -> Import {
        Import {
            sources: vec![self.from.path().to_owned()],
            bot: self.bot.path().to_owned(),
            format: None,
            language: None,
            dry_run: false,
        }
    }

    /// The bot's files of examples.
    fn found(&self) -> BTreeMap<String, String> {
        let mut found = Vec::new();
        gather(&self.bot.path().join("intents"), &mut found).unwrap();
        let name = |file: &Path| file.strip_prefix(self.bot.path()).unwrap().to_string_lossy().into_owned();
        found.iter().map(|file| (name(file), std::fs::read_to_string(file).unwrap())).collect()
    }
}

#[test]
fn examples_of_other_programs_come_into_the_bots_own_files() {
    let rasa = "version: \"3.1\"\nnlu:\n- intent: order\n  examples: |\n    - two [lattes](product) please\n    \
                - ขอลาเต้\n";
    let desk = Desk::with(&[("nlu.yml", rasa.as_bytes()), ("more.csv", b"text,intent\n\"8, 12\",order\n")]);
    desk.import().run().unwrap();
    // What is there already comes no second time.
    desk.import().run().unwrap();
    let found = desk.found();
    let texts: Vec<(&str, &str)> = found.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
    assert_eq!(
        texts,
        [
            ("intents/en/order.yaml", "examples:\n  - an order\n  - \"two [lattes](product) please\"\n"),
            // Figures tell no language, so the bot's default one has them.
            ("intents/th/order.yaml", "examples:\n  - \"8, 12\"\n  - \"ขอลาเต้\"\n"),
        ]
    );
}

#[track_caller]
fn refused(desk: &Desk, import: Import, expected: &str) {
    let before = desk.found();
    let error = format!("{:#}", import.run().unwrap_err());
    assert!(error.contains(expected), "{expected}: {error}");
    assert_eq!(desk.found(), before, "nothing is written where something is refused");
}

#[test]
fn what_is_refused_leaves_the_bot_as_it_was() {
    let long = format!("text,label\nan order of two,order\nx,{}\n", "z".repeat(300));
    let check = |name: &str, text: &[u8], expected: &str| {
        let desk = Desk::with(&[(name, text)]);
        refused(&desk, desk.import(), expected);
    };
    check("a.csv", long.as_bytes(), "has 300 bytes, and 200 is the most");
    check("a.csv", b"text,label\nan order of two,order\nx,//\n", "has no letter or digit");
    check("a.jsonl", b"{\"text\":\"x\",\"label\":\"a\\u0000\"}", "`a\\0` has control characters");
    check("a.csv", b"text,label\nan order of two,order\nto [Bangkok(city),order\n", "marks are not whole");
    check(
        "a.csv",
        b"text,label,lang\nan order of two,order,en\nx,order,xx\n",
        "does not speak `xx` (1 example)",
    );
    check("a.csv", b"text,label\nan order of two,order\n\"open,order\n", "line 3: a quote opens");
    check("a.csv", b"\xff\xfet\0e\0", "is UTF-16: save it as UTF-8");
    check("a.csv", b"text,label\n\xe0,order\n", "is not UTF-8: save it as UTF-8");
    check("a.txt", b"hello", "say with --format what the files are");
    let desk = Desk::with(&[("a.csv", b"text,label\nan order of two,order\n")]);
    refused(
        &desk,
        Import { language: Some("xx".to_owned()), ..desk.import() },
        "bot.yaml has the languages th, en",
    );
}

#[test]
fn a_file_that_is_named_says_why_it_is_not_read() {
    let check = |name: &str, text: &[u8], expected: &str| {
        let desk = Desk::with(&[("other", b"")]);
        let file = desk.from.path().join(name);
        if !text.is_empty() {
            std::fs::write(&file, text).unwrap();
        }
        refused(&desk, Import { sources: vec![file], ..desk.import() }, expected);
    };
    check("none.yml", b"", "there is no file or folder");
    check("bad.yml", b"a: [1\nb: 2\n", "line");
    check("bad.json", b"{\"a\":", "EOF");
    check("odd.yml", b"a: 1\n", "say with --format what it is (own, rasa,");
}

#[test]
fn what_is_still_to_be_done_is_told() {
    let rasa = "nlu:\n- intent: faq/ask_hours\n  examples: |\n    - to [Bangkok]{\"entity\":\"city\"} at [5](number)\n    \
                - an ORDER\n    - an order of milk\n    - ...\n- intent: order\n  examples: |\n    - An order\n- intent: oos\n  \
                examples: |\n    - what is rain\n";
    let desk = Desk::with(&[("nlu.yml", rasa.as_bytes()), ("a.csv", b"text;label\nx;\n;order\n")]);
    let known = Known::of_bot(desk.bot.path()).unwrap();
    let brought = desk.import().read(desk.from.path()).unwrap();
    let lines = told(&known, &known.sort(brought, None).unwrap(), true);
    assert_eq!(
        lines,
        [
            "`faq/ask_hours` is called `faq_ask_hours` here",
            "faq_ask_hours: 2 examples (a new intent: add `faq_ask_hours` to `intents` in bot.yaml, and a flow that \
             begins with it)",
            "oos: 1 example (what no intent should answer)",
            "marks name entities that the bot does not have: `city`: declare them in entities.yaml, or take the marks \
             off",
            "«an ORDER» is an example of `order`: as one of `faq_ask_hours` it is left out; keep it in the one that it \
             means",
            "3 examples would be added, 1 there already, 1 left out as another intent's, 3 left out without a label or \
             words",
        ]
    );
}

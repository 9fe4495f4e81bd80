use super::*;

fn labelled(label: &str, language: Option<&str>, marked: &str) -> Labelled {
    Labelled { label: label.to_owned(), language: language.map(str::to_owned), marked: marked.to_owned() }
}

fn check(file: &str, text: &str, expected: &[Labelled]) {
    let format = Format::of(file, text).unwrap_or_else(|| panic!("{file} is of no format"));
    assert_eq!(format.read(file, text).unwrap(), expected, "{file}");
}

#[test]
fn files_of_other_programs_are_read() {
    check(
        "data/nlu.yml",
        "version: \"3.1\"\nnlu:\n- intent: track\n  examples: |\n    - where is my order\n    - order [BK1](order_number) please\n    \
         - to [Ladprao]{\"entity\": \"district\", \"value\": \"x\"} or [Bangkok](city:BKK)\n- synonym: x\n  examples: |\n    - y\n\
         - intent: faq/hours\n  examples:\n  - text: |\n      - open?\n  - \"[1] [not a mark]\"\n",
        &[
            labelled("track", None, "where is my order"),
            labelled("track", None, "order [BK1](order_number) please"),
            labelled("track", None, "to [Ladprao](district) or [Bangkok](city)"),
            labelled("faq/hours", None, "open?"),
            labelled("faq/hours", None, "[1] [not a mark]"),
        ],
    );
}

#[test]
fn tables_and_lines_are_read() {
    check(
        "a.csv",
        "\u{feff}Intent,Text,lang\ntrack,\"where, please\",en\nprice, เท่าไร ,\n,nobody,th\n",
        &[
            labelled("track", Some("en"), "where, please"),
            labelled("price", None, "เท่าไร"),
            labelled("", Some("th"), "nobody"),
        ],
    );
    check("a.csv", "text;label\na, b;x\n\n;\n;y\n", &[labelled("x", None, "a, b"), labelled("y", None, "")]);
    check("a.csv", "\ntext\tlabel\n\"two\nlines\"\tx\n", &[labelled("x", None, "two lines")]);
    check("a.tsv", "text\tlabel\na \"b\"\tx\n", &[labelled("x", None, "a \"b\"")]);
    check(
        "a.jsonl",
        "{\"text\":\"a\\nb\",\"intent\":\"x\",\"lang\":\"th\",\"more\":1}\n\n",
        &[labelled("x", Some("th"), "a b")],
    );
}

#[test]
fn exported_agents_are_read() {
    check(
        "agent/intents/book.table_usersays_en-gb.json",
        r#"[{"data":[{"text":"a table for ","userDefined":false},{"text":"two","meta":"@sys.number","alias":"guests"}]}]"#,
        &[labelled("book.table", Some("en"), "a table for [two](guests)")],
    );
    check("agent/intents/book.table.json", r#"{"name":"book.table","responses":[]}"#, &[]);
    check(
        "bot/intents/track.json",
        r#"{"name":"track","contexts":["global"],"slots":[],"utterances":{"en":["where is [BK1](order)"],"th":["ถึงไหน"]}}"#,
        &[labelled("track", Some("en"), "where is [BK1](order)"), labelled("track", Some("th"), "ถึงไหน")],
    );
    check(
        "intents/th/track_order.yaml",
        "examples:\n  - ถึงไหน\n",
        &[labelled("track_order", Some("th"), "ถึงไหน")],
    );
}

#[test]
fn what_is_wrong_is_named_with_its_file() {
    let check = |format: Format, text: &str, expected: &str| {
        let error = format.read("f", text).unwrap_err().to_string();
        assert!(error.starts_with("f: ") && error.contains(expected), "{error}");
    };
    check(Format::Csv, "a,b\n1,2\n", "the first row is `a,b`");
    check(Format::Csv, "text|label\n1|2\n", "commas, semicolons or tabs");
    check(Format::Csv, "text,label\na \"b\",x\n\"\"\"c\"\"\",x\n\"d,x\ne,x\n", "line 4: a quote opens");
    check(Format::JsonLines, "{}\n", "line 1");
    check(Format::Rasa, "nlu: [", "");
    check(Format::Botpress, "{}", "name");
}

#[test]
fn every_format_gives_back_what_it_was_given() {
    let examples = [
        labelled("price", Some("en"), "- how much, \"really\"?"),
        labelled("price", Some("th"), "=ราคา: เท่าไร #1"),
        labelled("track", Some("en"), "where is [BK240117](order_number) now"),
        labelled("track", Some("zh"), "[订单](thing)在哪里"),
    ];
    for format in Format::ALL {
        let files = format.write(&examples);
        let mut read: Vec<Labelled> = files
            .iter()
            .flat_map(|(file, text)| {
                assert_eq!(Format::of(file, text), Some(format), "{file}");
                format.read(file, text).unwrap()
            })
            .collect();
        read.sort();
        let kept = |example: &Labelled| match format {
            Format::Rasa => Labelled { language: None, ..example.clone() },
            _ => example.clone(),
        };
        let mut expected: Vec<Labelled> = examples.iter().map(kept).collect();
        expected.sort();
        assert_eq!(read, expected, "{format:?}");
    }
}

#[test]
fn names_of_files_stay_inside_their_folder() {
    for (label, expected) in
        [("../../etc/passwd", "_.._etc_passwd"), ("faq/hours", "faq_hours"), ("ราคา", "ราคา")]
    {
        assert_eq!(file_name(label), expected);
    }
}

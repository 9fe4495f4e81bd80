//! Tables: comma, semicolon or tab between columns, quotes where a text holds one.

use super::Labelled;

/// What columns are called.
const TEXT: [&str; 5] = ["text", "utterance", "example", "message", "ข้อความ"];
const LABEL: [&str; 5] = ["label", "intent", "category", "class", "เจตนา"];
const LANGUAGE: [&str; 4] = ["language", "lang", "locale", "ภาษา"];

/// What columns are parted by; the first under which the header names what is needed.
const DELIMITERS: [u8; 3] = [b',', b'\t', b';'];

/// Where the columns stand.
struct Columns {
    delimiter: u8,
    text: usize,
    label: usize,
    language: Option<usize>,
}

impl Columns {
    fn of(header: &str, delimiter: u8) -> Option<Self> {
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(header.as_bytes());
        let headers = reader.headers().ok()?.clone();
        let column = |names: &[&str]| {
            headers.iter().position(|header| names.contains(&header.trim().to_lowercase().as_str()))
        };
        Some(Self { delimiter, text: column(&TEXT)?, label: column(&LABEL)?, language: column(&LANGUAGE) })
    }
}

pub(super) fn read(text: &str) -> Result<Vec<Labelled>, String> {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let columns = DELIMITERS.iter().find_map(|delimiter| Columns::of(header, *delimiter));
    let Some(columns) = columns else {
        return Err(format!(
            "the first row is `{}`, and it must name the columns, with commas, semicolons or tabs between them: text \
             and label, and language where it is known",
            header.chars().take(80).collect::<String>()
        ));
    };
    if let Some(line) = open_quote(text, columns.delimiter) {
        return Err(format!(
            "line {line}: a quote opens and is never closed: close it, or write a quote that belongs to the text \
             twice, in a text between quotes"
        ));
    }
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(columns.delimiter)
        .flexible(true)
        .from_reader(text.trim_start().as_bytes());
    let mut examples = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        let cell = |place: usize| row.get(place).unwrap_or_default().trim().to_owned();
        let language = columns.language.map(cell).filter(|language| !language.is_empty());
        examples.push(Labelled { label: cell(columns.label), language, marked: cell(columns.text) });
    }
    Ok(examples)
}

/// The line, from 1, on which a quote opens a cell that no other closes.
fn open_quote(text: &str, delimiter: u8) -> Option<usize> {
    let (mut line, mut opened) = (1, None);
    let mut begins = true;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        line += usize::from(byte == b'\n');
        if opened.is_some() {
            if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
                opened = None;
            }
            continue;
        }
        if byte == b'"' && begins {
            opened = Some(line);
        }
        begins = byte == delimiter || byte == b'\n' || byte == b'\r';
    }
    opened
}

/// A text that a table program would take for a formula gets a space before it, which reading takes off again.
pub(super) fn write(examples: &[Labelled]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let safe = |text: &str| {
        if text.starts_with(['=', '+', '-', '@']) { format!(" {text}") } else { text.to_owned() }
    };
    let rows = examples.iter().map(|example| {
        [safe(&example.marked), safe(&example.label), example.language.clone().unwrap_or_default()]
    });
    let header = ["text", "label", "language"].map(str::to_owned);
    for row in std::iter::once(header).chain(rows) {
        // Writing to memory cannot fail.
        drop(writer.write_record(row));
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

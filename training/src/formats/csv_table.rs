//! Tables: comma or tab between columns, quotes where a text holds one.

use super::Labelled;

/// What columns are called.
const TEXT: [&str; 5] = ["text", "utterance", "example", "message", "ข้อความ"];
const LABEL: [&str; 5] = ["label", "intent", "category", "class", "เจตนา"];
const LANGUAGE: [&str; 4] = ["language", "lang", "locale", "ภาษา"];

pub(super) fn read(file: &str, text: &str) -> Result<Vec<Labelled>, String> {
    let delimiter = if file.to_lowercase().rsplit('.').next() == Some("tsv")
        || text.lines().next().is_some_and(|line| line.contains('\t'))
    {
        b'\t'
    } else {
        b','
    };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |names: &[&str]| {
        headers.iter().position(|header| names.contains(&header.trim().to_lowercase().as_str()))
    };
    let (Some(texts), Some(labels)) = (column(&TEXT), column(&LABEL)) else {
        return Err(
            "the first row must name the columns: text and label, and language where it is known".to_owned()
        );
    };
    let languages = column(&LANGUAGE);
    let mut examples = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        let cell = |place: usize| row.get(place).unwrap_or_default().trim().to_owned();
        let language = languages.map(cell).filter(|language| !language.is_empty());
        examples.push(Labelled { label: cell(labels), language, marked: cell(texts) });
    }
    Ok(examples)
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

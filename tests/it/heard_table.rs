//! docs/what-is-heard.md says of every kind what happens.

use channels::NoticeKind;

#[test]
fn the_table_names_every_kind() {
    let path = tests::workspace::root().join("docs/what-is-heard.md");
    let text = std::fs::read_to_string(path).unwrap();
    let told: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .flat_map(|line| line.split(" | ").next().unwrap_or_default().split('`'))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let missing: Vec<&str> =
        NoticeKind::ALL.iter().map(|kind| kind.as_str()).filter(|name| !told.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?} are not in the table");
    let unknown: Vec<&&str> =
        told.iter().filter(|name| NoticeKind::ALL.iter().all(|kind| kind.as_str() != **name)).collect();
    assert!(unknown.is_empty(), "{unknown:?} are no kinds");
}

use proptest::prelude::*;

use super::*;

struct NoTitles;

impl Titles for NoTitles {
    fn title(&self, id: &str, language: &str) -> Option<String> {
        (id == "problem_leak").then(|| if language == "th" { "น้ำรั่ว" } else { "It leaks" }.to_owned())
    }

    fn baht(&self, satang: f64, _: &str) -> String {
        format!("฿{}", grouped(satang / 100.0))
    }
}

fn names() -> Record {
    let json = serde_json::json!({
        "order": {
            "status": "shipped",
            "total": 123_450,
            "items": [{ "name": "กาแฟ", "quantity": 2 }, { "name": "นมโอ๊ต", "quantity": 1 }],
        },
        "name": "Fon {said} ฝน",
        "day": { "$date": "2026-11-21" },
        "numbers": [3, 1, 2],
        "missing": null,
    });
    let Value::Record(record) = Value::from_json(&json) else { panic!("not a record") };
    record
}

fn value(source: &str) -> Value {
    let expression = Expression::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    expression.evaluate(&Scope { names: &names(), language: "th", titles: &NoTitles })
}

#[track_caller]
fn check(source: &str, expected: impl Into<Value>) {
    assert_eq!(value(source), expected.into(), "{source}");
}

#[test]
fn operators_bind_as_documented() {
    check("1 + 2 * 3", 7);
    check("(1 + 2) * 3", 9);
    check("10 - 4 - 3", 3);
    check("-2 * -3", 6);
    check("7 / 2", 3.5);
    check("not true or true", true);
    check("true or false and false", true);
    check("1 + 1 == 2 and not 1 > 2", true);
    check("\"a\" + 'b' + \"\\n\" + 'it\\'s'", "ab\nit's");
    check("day + 4 == date(\"2026-11-25\")", true);
    check("day - 21", Date::new(2026, 10, 31).unwrap());
}

#[test]
fn missing_is_none_and_none_is_quiet() {
    check("nobody", Value::None);
    check("order.nothing.at.all", Value::None);
    check("name.length", Value::None);
    check("numbers[9]", Value::None);
    check("numbers[-1]", Value::None);
    check("numbers[0.5]", Value::None);
    check("missing == none", true);
    check("missing != none", false);
    check("missing > 1", false);
    check("missing + 1", Value::None);
    check("1 / 0", Value::None);
    check("0 / 0", Value::None);
    check("default(missing, \"x\")", "x");
    check("default(order.status, \"x\")", "shipped");
}

#[test]
fn different_types_are_never_equal_nor_ordered() {
    check("\"1\" == 1", false);
    check("\"1\" != 1", true);
    check("\"1\" < 2", false);
    check("\"1\" >= 2", false);
    check("true == 1", false);
    check("day == \"2026-11-21\"", false);
    check("1 + \"a\"", Value::None);
    check("not 1", true);
    check("1 and true", false);
}

#[test]
fn membership_and_access() {
    check("order.status in [\"packed\", \"shipped\"]", true);
    check("2 in numbers", true);
    check("\"โอ๊ต\" in order.items[1].name", true);
    check("\"status\" in order", true);
    check("order[\"status\"]", "shipped");
    check("order.items[1].quantity", 1);
    check("1 in 1", false);
}

#[test]
fn functions() {
    check("length(\"กาแฟ\")", 4);
    check("length(order.items)", 2);
    check("lower(\"ABC\") + upper(\"x\") + trim(\"  y \")", "abcXy");
    check("contains(\"咖啡机坏了\", \"坏\")", true);
    check("contains(numbers, 3)", true);
    check("starts_with(\"MACH-01\", \"MACH\") and ends_with(\"a.pdf\", \".pdf\")", true);
    check("replace(\"081-234\", \"-\", \"\")", "081234");
    check("replace(\"a\", \"\", \"b\")", Value::None);
    check("number(\" 1,250.50 \")", 1250.5);
    check("number(\"x\")", Value::None);
    check("number(\"inf\")", Value::None);
    check("round(2.5) + round(1.256, 2) + floor(3.9) + abs(-1)", 8.26);
    check("min(3, 1, 2) + max(1, 5)", 6);
    check("min(1, \"a\")", Value::None);
    check("if(order.total > 100000, \"big\", \"small\")", "big");
    check("first(numbers) + last(numbers)", 5);
    check("first([])", Value::None);
    check("length(where(order.items, item.quantity > 1))", 1);
    check("join(order.items, \", \", item.name + \" x\" + text(item.quantity))", "กาแฟ x2, นมโอ๊ต x1");
    check("join(numbers, \"-\")", "3-1-2");
    check("weekday(day)", 6);
    check("days_between(day, date(\"2026-12-01\"))", 10);
    check("baht(order.total)", "฿1,234.5");
    check("title(\"problem_leak\") + title(\"unknown\")", "น้ำรั่วunknown");
    check("text(day)", "21 พ.ย. 2569");
}

#[test]
fn values_are_shown_as_people_write_them() {
    let check = |value: Value, language: &str, expected: &str| assert_eq!(show(&value, language), expected);
    let day = Value::Date(Date::new(2026, 11, 21).unwrap());
    check(day.clone(), "en", "21 Nov 2026");
    check(day.clone(), "zh", "2026年11月21日");
    check(day, "ms", "2026-11-21");
    check(Value::from(1_234_567), "en", "1,234,567");
    check(Value::from(-999), "en", "-999");
    check(Value::from(-1_000.256), "en", "-1,000.26");
    check(Value::from(-0.001), "en", "0");
    check(Value::from(vec![Value::from(1), Value::from("ก")]), "th", "1, ก");
    check(Value::None, "th", "");
}

#[test]
fn what_is_not_an_expression_says_why() {
    let check = |source: &str, expected: &str| {
        assert_eq!(Expression::parse(source).unwrap_err().to_string(), expected, "{source}");
    };
    check("", "expected a value at character 1, found the end");
    check("a b", "expected an operator or the end at character 3, found `b`");
    check("a = 1", "`=` at character 3 means nothing here");
    check("(a", "expected ) at character 3, found the end");
    check("a.", "expected a field's name at character 3, found the end");
    check("\"abc", "the text begun at character 1 has no closing quote");
    check("lenght(a)", "there is no function `lenght`; did you mean `length`?");
    check("length()", "`length` takes 1 values, not 0");
    check("1 < 2 < 3", "compare two values at a time; join comparisons with `and`");
    check("and", "expected a value at character 1, found `and`");
    check(&"(".repeat(60), "the expression is too long or too deeply nested");
    check(&"1+".repeat(600), "the expression is too long or too deeply nested");
}

#[test]
fn fuel_and_length_are_bounded() {
    let mut names = names();
    names.insert("many".into(), Value::List(vec![Value::from(1); 5_000]));
    names.insert("long".into(), Value::text("x".repeat(15_000)));
    let scope = Scope { names: &names, language: "en", titles: &NoTitles };
    let evaluate = |source: &str| Expression::parse(source).unwrap().evaluate(&scope);
    assert_eq!(evaluate("length(where(many, item == 1))"), Value::None);
    assert_eq!(evaluate("join(many, \",\")"), Value::None);
    assert_eq!(evaluate("length(many)"), Value::from(5_000));
    assert_eq!(evaluate("long + long"), Value::None);
    assert_eq!(evaluate("length(long)"), Value::from(15_000));
}

fn kinds() -> Kinds {
    let field = |kind| Field { kind, optional: false };
    let texts = |texts: &[&str]| Kind::OneOf(texts.iter().map(|text| (*text).to_owned()).collect());
    let item = [("name", Kind::Text), ("quantity", Kind::Number)].map(|(n, k)| (n.to_owned(), field(k)));
    let order = [
        ("status", texts(&["packed", "shipped"])),
        ("total", Kind::Money),
        ("eta", Kind::Date),
        ("items", Kind::List(Box::new(Kind::Record(item.into())))),
    ];
    let order = order.map(|(name, kind)| (name.to_owned(), field(kind)));
    Kinds::from([
        ("order".to_owned(), Kind::Record(order.into())),
        ("name".to_owned(), Kind::Text),
        ("person".to_owned(), Kind::Unknown),
        ("today".to_owned(), Kind::Date),
    ])
}

#[test]
fn certain_mistakes_are_found_without_running() {
    let check = |source: &str, expected: &[&str]| {
        let found = Expression::parse(source).unwrap().check(&kinds()).1;
        let found: Vec<String> = found.into_iter().map(|problem| problem.message).collect();
        assert_eq!(found, expected, "{source}");
    };
    check("order.status == \"shipped\" and order.total > 1000 and today < order.eta", &[]);
    check("person.anything.at.all == 5 and name == none and none != order.eta", &[]);
    check("join(order.items, \", \", item.name + \" x\" + text(item.quantity))", &[]);
    check("default(person.phone, name) == \"x\" and order.status in [\"shipped\"]", &[]);
    check("if(order.eta == none, \"\", text(order.eta)) + \"x\"", &[]);
    check("order.status == \"shiped\"", &["it is never \"shiped\""]);
    check("\"sent\" != order.status", &["it is never \"sent\""]);
    check(
        "order.status in [\"sent\", \"lost\"]",
        &["one of packed, shipped is never in a list of one of sent, lost"],
    );
    check("order.total == \"5\"", &["compares an amount of money with one of 5, which is never true"]);
    check("today > \"2026-01-01\"", &["compares a date with one of 2026-01-01, which is never true"]);
    check("order.stat == name", &["there is no field `stat`"]);
    check("nme == name", &["there is nothing named `nme` here"]);
    check("order.items < order.items", &["a list has no order"]);
    check("name + 5", &["cannot work out a text with a number"]);
    check("not name", &["`not` needs true or false, not a text"]);
    check("name and true", &["`and, or` needs true or false, not a text"]);
    check("name.first", &["`.first` asks a text for a field"]);
    check("weekday(name)", &["`weekday` cannot use a text here"]);
    check("where(order.items, item.nam == \"x\")", &["there is no field `nam`"]);
    check("item.name", &["there is nothing named `item` here"]);
}

#[test]
fn results_of_services_are_read_by_their_kind() {
    let kind = kinds()["order"].clone();
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let good =
        r#"{"status":"packed","total":100,"eta":"2026-11-23","items":[{"name":"x","quantity":1}],"new":1}"#;
    let read = kind.read(&json(good)).unwrap();
    assert_eq!(read.member("eta"), Value::Date(Date::new(2026, 11, 23).unwrap()));
    assert_eq!(read.member("new"), Value::None);
    let check = |text: &str, expected: &str| {
        assert_eq!(kind.read(&json(text)).unwrap_err().to_string(), expected);
    };
    check("[]", ": expected a record, found []");
    check(&good.replace("packed", "lost"), "status: expected one of packed, shipped, found \"lost\"");
    check(
        &good.replace("\"quantity\":1", "\"quantity\":\"1\""),
        "items[0].quantity: expected a number, found \"1\"",
    );
    check(&good.replace("2026-11-23", "2026-11-31"), "eta: expected a date, found \"2026-11-31\"");
    check(&good.replace("\"total\":100,", ""), "total: expected an amount of money, found null");
}

#[test]
fn values_survive_json() {
    let value = Value::Record(names());
    let text = serde_json::to_string(&value).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    assert_eq!(Value::from(5.0).to_plain_json().to_string(), "5");
    assert_eq!(value.member("day").to_plain_json(), serde_json::json!("2026-11-21"));
}

/// Texts that look like expressions, right and wrong.
fn expression_like() -> impl Strategy<Value = String> {
    let words = vec![
        "order",
        ".status",
        "name",
        "numbers",
        "[0]",
        "[",
        "]",
        "(",
        ")",
        "+",
        "-",
        "*",
        "/",
        "==",
        "!=",
        "<",
        ">=",
        " in ",
        " and ",
        " or ",
        " not ",
        "none",
        "true",
        "1",
        "2.5",
        "\"ก\"",
        "'x'",
        ",",
        "item",
        "day",
        "length(",
        "join(",
        "where(",
        "if(",
        "default(",
        "date(",
        "round(",
        "replace(",
        "text(",
        "1e9",
        "99999999999999",
    ];
    proptest::collection::vec(proptest::sample::select(words), 0..30).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn nothing_panics(source in prop_oneof![expression_like(), any::<String>()]) {
        if let Ok(expression) = Expression::parse(&source) {
            let names = names();
            let value = expression.evaluate(&Scope { names: &names, language: "th", titles: &NoTitles });
            show(&value, "th");
            expression.check(&kinds());
            prop_assert!(!matches!(value, Value::Number(number) if !number.is_finite()));
            prop_assert_eq!(Expression::parse(expression.source()).unwrap(), expression);
        }
    }

    #[test]
    fn a_text_that_a_person_wrote_stays_data(said in any::<String>()) {
        let names = Record::from([("said".to_owned(), Value::text(&said))]);
        let scope = Scope { names: &names, language: "th", titles: &NoTitles };
        let template = crate::wording::Template::parse("<{said}>", crate::Mark::default()).unwrap();
        prop_assert_eq!(template.fill(&scope), vec![format!("<{said}>")]);
    }
}

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::testing::{demo_bot, files_of, lines, small_files};

#[test]
fn the_demo_bot_has_no_problems() {
    let bot = demo_bot();
    assert_eq!(lines(&bot.warnings), "");
    assert_eq!(bot.settings.intents.len(), 25);
    assert!(bot.flows.len() >= 12);
    assert!(bot.scenarios.len() >= 15, "{} scenarios", bot.scenarios.len());
    for language in ["th", "en", "zh"] {
        assert!(bot.scenarios.iter().any(|scenario| scenario.language == language), "{language}");
    }
}

/// The problems of a small bot after changes to its files; an empty text takes the file away.
fn problems(changes: &[(&str, &str)]) -> Vec<String> {
    let mut files = small_files(&[("a", "  - say: hello\n")], &[("hello", "hello")]);
    for intent in ["b", "c"] {
        let flow = format!(
            "flow: {intent}\ndescription: {{ en: x }}\nstarts_when: {{ intent: {intent} }}\nsteps: [say: hello]\n"
        );
        files.insert(format!("flows/{intent}.yaml"), flow);
        for language in ["th", "en"] {
            let wording = files.get_mut(&format!("wording/{language}.yaml")).unwrap();
            writeln!(wording, "flow_{intent}: {intent}").unwrap();
        }
    }
    for (file, text) in changes {
        if text.is_empty() {
            files.remove(*file);
        } else if let Some(addition) = text.strip_prefix('+') {
            files.entry((*file).to_owned()).or_default().push_str(addition);
        } else {
            files.insert((*file).to_owned(), (*text).to_owned());
        }
    }
    let problems = match Bot::read(&files) {
        Ok(bot) => bot.warnings,
        Err(problems) => problems,
    };
    problems.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn check(changes: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(problems(changes), expected);
}

#[test]
fn everything_of_the_demo_bot_has_a_title_in_every_language() {
    let bot = demo_bot();
    let languages: Vec<&String> = bot.settings.languages.iter().collect();
    let mut named: Vec<(&str, Option<&BTreeMap<String, String>>)> = Vec::new();
    for intent in &bot.settings.intents {
        named.push((&intent.id, bot.readable.intents.get(&intent.id).map(|title| &title.by_language)));
    }
    for entity in bot.entities.keys() {
        named.push((entity, bot.readable.entities.get(entity).map(|title| &title.by_language)));
    }
    named.extend(bot.flows.values().map(|flow| (flow.id.as_str(), bot.flow_title(flow))));
    for (id, title) in named {
        let title = title.unwrap_or_else(|| panic!("{id} has no title"));
        assert!(languages.iter().all(|language| title.contains_key(*language)), "{id}: {title:?}");
    }
}

#[test]
fn titles_are_of_what_there_is() {
    check(
        &[(
            "titles.yaml",
            "intents:\n  b: { th: ข, en: B }\nflows:\n  c: { en: C }\nentities:\n  phone: { en: Phone }\n",
        )],
        &[],
    );
    check(
        &[(
            "titles.yaml",
            "intents:\n  bb: { th: ข }\nflows:\n  b: { fr: B }\nentities:\n  phon: { en: x }\nslots: {}\n",
        )],
        &[
            "titles.yaml:2:3: bb: there is no intent `bb` (did you mean `b`?)",
            "titles.yaml:4:3: b: the bot does not speak `fr` (bot.yaml has the languages th, en)",
            "titles.yaml:6:3: phon: there is no entity `phon` (did you mean `phone`?)",
            "titles.yaml:7:1: slots: unknown key (known: intents, flows, entities)",
        ],
    );
}

#[test]
fn a_right_bot_has_no_problems() {
    check(&[], &[]);
}

#[test]
fn ten_mistakes_in_one_flow_are_ten_problems() {
    let flow = r#"flow: a
description: { en: Ten mistakes }
starts_when: { intent: a }
steps:
  - say: helo
  - colect: order_number
  - collect: size
    entity: coulour
    ask: hello
    pattern: '[0-9'
  - call: order_statuss
    with: { number: said }
  - call: order_status
    with: { number: said }
    into: order
  - branch:
      - when: order.status == "shiped"
        say: hello
      - when: order.total > "many" and
        say: hello
      - when: order.number == 5
        go_to: d
  - end
  - say: hello
"#;
    check(
        &[("flows/a.yaml", flow)],
        &[
            "flows/a.yaml:5:10: say: there is no wording `helo` (did you mean `hello`?)",
            "flows/a.yaml:6:5: colect: this step has no verb (did you mean `collect`?)",
            "flows/a.yaml:8:13: entity: there is no entity `coulour` (did you mean `colour`?)",
            "flows/a.yaml:10:14: pattern: not a regular expression: unclosed character class",
            "flows/a.yaml:11:11: call: there is no action `order_statuss` (did you mean `order_status`?)",
            "flows/a.yaml:17:15: when: it is never \"shiped\" (did you mean `shipped`?)",
            "flows/a.yaml:19:15: when: expected a value at character 25, found the end (docs/expressions.md has the whole language)",
            "flows/a.yaml:21:15: when: compares a text with a number, which is never true",
            "flows/a.yaml:22:16: go_to: there is no flow `d` (did you mean `a`?)",
            "flows/a.yaml:24:5: say: this step is never reached: `end` before it leaves (remove it, or move it up)",
        ],
    );
}

#[test]
fn mistakes_of_steps() {
    let flow = |steps: &str| {
        format!("flow: a\ndescription: {{ en: x }}\nstarts_when: {{ intent: a }}\nsteps:\n{steps}")
    };
    let one = |steps: &str, expected: &[&str]| check(&[("flows/a.yaml", &flow(steps))], expected);
    one(
        "  - say: hello\n    go_to: b\n",
        &["flows/a.yaml:6:5: go_to: a step has one verb, and this one has `say` (make it a step of its own)"],
    );
    one(
        "  - say: hello\n    attempts: 2\n",
        &["flows/a.yaml:6:5: attempts: `say` has no `attempts` (known: with)"],
    );
    one(
        "  - collect: x\n    atempts: 2\n    ask: hello\n    entity: text\n",
        &["flows/a.yaml:6:5: atempts: `collect` has no `atempts` (did you mean `attempts`?)"],
    );
    one(
        "  - collect: today\n    ask: hello\n",
        &["flows/a.yaml:5:5: collect: `today` has a meaning of its own (choose another name)"],
    );
    one(
        "  - call: note\n    with: { txt: said }\n    into: x\n",
        &[
            "flows/a.yaml:5:11: with: `note` needs `text`",
            "flows/a.yaml:6:13: with: `note` takes no `txt` (did you mean `text`?)",
        ],
    );
    one(
        "  - call: note\n    with: { text: today }\n",
        &["flows/a.yaml:6:13: with: `text` wants a text, not a date"],
    );
    one(
        "  - branch:\n      - otherwise:\n        say: hello\n      - when: saidd == none\n        say: hello\n",
        &[
            "flows/a.yaml:6:9: otherwise: is not the last of the branch (move it to the end)",
            "flows/a.yaml:8:15: when: there is nothing named `saidd` here (did you mean `said`?)",
        ],
    );
    one("  []\n", &["flows/a.yaml:1:7: steps: the flow has no steps"]);
    one(
        "  - choose: { say: hello, options: [nowhere, hello, hello] }\n",
        &[
            "flows/a.yaml:5:37: options: there is no wording `nowhere` (an option's id is the wording of its title)",
            "flows/a.yaml:5:46: options: `hello` does the same as another (give it steps, or keep the choice with `into`)",
            "flows/a.yaml:5:53: options: `hello` is offered twice",
        ],
    );
    one(
        "  - remember: phon\n",
        &[
            "flows/a.yaml:5:15: remember: nothing in this flow fills `phon` (known: channel, language, person, said, today)",
        ],
    );
}

#[test]
fn mistakes_of_wording() {
    check(
        &[("wording/th.yaml", "+goodbye: '{nam}'\n")],
        &[
            "wording/th.yaml:28:1: goodbye: has no `en` translation (add it to wording/en.yaml)",
            "wording/th.yaml:28:1: goodbye: nothing says it (remove it, or say it)",
        ],
    );
    check(
        &[("wording/en.yaml", "")],
        &["wording/en.yaml:0:0: file: is missing (bot.yaml lists the language)"],
    );
    let with_wording = |text: &str, expected: &[&str]| {
        let addition = format!("+bye: {text}\n");
        let flow = "flow: a\ndescription: { en: x }\nstarts_when: { intent: a }\nsteps: [say: bye]\n";
        check(
            &[("wording/th.yaml", &addition), ("wording/en.yaml", "+bye: bye\n"), ("flows/a.yaml", flow)],
            expected,
        );
    };
    with_wording(
        "'{nam}'",
        &[
            "wording/th.yaml:28:6: bye: there is nothing named `nam` here (said in flow `a`) (known: channel, language, person, said, today)",
        ],
    );
    with_wording("'{said'", &["wording/th.yaml:28:6: bye: a `{` is never closed"]);
    with_wording(
        "{ text: '{said}', chanels: {} }",
        &["wording/th.yaml:28:24: chanels: unknown key (did you mean `channels`?)"],
    );
    with_wording(
        "{ text: x, choices: [{ title: hello, begin: q }] }",
        &["wording/th.yaml:28:50: begin: there is no flow `q` (did you mean `a`?)"],
    );
}

#[test]
fn mistakes_of_settings_actions_and_entities() {
    check(
        &[("actions.yaml", "+pay: { method: PSOT, url: shop:/pay, args: {} }\n")],
        &["actions.yaml:13:16: method: there is no method `PSOT` (did you mean `POST`?)"],
    );
    check(
        &[(
            "actions.yaml",
            "+pay: { method: POST, url: 'bank:/pay/{sum}', retries: 1, args: { amount: mony } }\n",
        )],
        &[
            "actions.yaml:13:1: pay: there is no service `bank` (known: shop)",
            "actions.yaml:13:22: url: there is no argument `sum` (there are none)",
            "actions.yaml:13:46: retries: trying again could do it twice (set idempotent: true where the service ignores a repeated request, or retries: 0)",
            "actions.yaml:13:74: amount: there is no kind `mony` (did you mean `money`?)",
        ],
    );
    check(
        &[("entities.yaml", "+phone: { pattern: x }\nsize: { values: { S: { name: { en: s } } } }\n")],
        &[
            "entities.yaml:7:1: phone: this entity is built in (choose another name)",
            "entities.yaml:8:1: S: has no name in `th` (the default language stands in for the others)",
        ],
    );
    check(
        &[("bot.yaml", "+answer_from_knowledge: [a, d]\nthresholds: { act: 2, clarfy: 0.1 }\n")],
        &[
            "bot.yaml:17:25: answer_from_knowledge: `a` also starts the flow `a` (an intent is answered one way)",
            "bot.yaml:17:28: answer_from_knowledge: there is no intent `d` (did you mean `a`?)",
            "bot.yaml:18:20: act: 2 is outside 0 to 1",
            "bot.yaml:18:23: clarfy: unknown key (did you mean `clarify`?)",
        ],
    );
    check(
        &[("flows/b.yaml", "")],
        &[
            "bot.yaml:6:14: intents: nothing answers `b` (give it a flow, or list it under answer_from_knowledge)",
            "wording/th.yaml:26:1: flow_b: nothing says it (remove it, or say it)",
        ],
    );
}

#[test]
fn a_broken_file_does_not_make_others_look_wrong() {
    let flow = "flow: a\ndescription: { en: x }\nstarts_when: { intent: a }\nsteps: [say: hello, go_to: b]\n";
    let found = problems(&[("flows/b.yaml", "steps: [1, 2\nx: 3\n"), ("flows/a.yaml", flow)]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("flows/b.yaml:"), "{found:#?}");
}

/// The one mistake of the demo's bot when one of its files is another.
#[track_caller]
fn check_alone(file: &str, text: impl Fn(&str) -> String, expected: &str) {
    let mut files = files_of("baan_kafe");
    files.insert(file.to_owned(), text(&files[file]));
    // Wording that every bot needs is missed in the default language.
    if file == "bot.yaml" {
        for language in ["th", "en", "zh"] {
            let wording = files.get_mut(&format!("wording/{language}.yaml")).unwrap();
            *wording = wording.replace("\nout_of_scope:", "\nin_scope:");
        }
    }
    let problems = Bot::read(&files).unwrap_err();
    let errors = problems.iter().filter(|problem| problem.severity == crate::Severity::Error);
    let errors: Vec<String> = errors.map(ToString::to_string).collect();
    assert!(matches!(&errors[..], [error] if error.starts_with(expected)), "{errors:#?}");
}

#[test]
fn a_bot_without_a_default_language_is_one_mistake() {
    let one = |text: &'static str, expected: &str| {
        check_alone("bot.yaml", |settings| settings.replace("default_language: th\n", text), expected);
    };
    one("", "bot.yaml:1:1: default_language: is missing");
    one("default_language: [th]\n", "bot.yaml:3:19: default_language: expected a text, found a list");
    one("default_language: fr\n", "bot.yaml:3:19: fr: the bot does not speak `fr`");
    one("default_language: 'th\n", "bot.yaml:4:1: yaml: ");
}

#[test]
fn a_file_that_holds_something_else_is_one_mistake() {
    for file in ["bot.yaml", "actions.yaml", "entities.yaml"] {
        check_alone(file, |_| "- a\n".to_owned(), &format!("{file}:1:1: "));
        check_alone(file, |_| "a: [\n".to_owned(), &format!("{file}:"));
    }
}

#[test]
fn mistakes_of_scenarios() {
    let scenario = "
- scenario: one
  language: fr
  channel: lnie
  turns:
    - user: hello
      expect: { intnt: a, intent: d, flow: c, says: [helo], decision: guess }
    - expect: {}
";
    check(
        &[("scenarios/one.yaml", scenario)],
        &[
            "scenarios/one.yaml:2:3: language: the bot does not speak `fr` (bot.yaml has the languages th, en)",
            "scenarios/one.yaml:4:12: lnie: there is no channel `lnie` (the channels are messenger, instagram, whatsapp, line, telegram, web)",
            "scenarios/one.yaml:7:17: intnt: unknown key (did you mean `intent`?)",
            "scenarios/one.yaml:7:35: intent: there is no `d` (did you mean `a`?)",
            "scenarios/one.yaml:7:54: says: there is no `helo` (did you mean `hello`?)",
            "scenarios/one.yaml:7:71: decision: there is no `guess` (known: continue_flow, start_flow, repair, answer, figure, ask_again, hand_off)",
            "scenarios/one.yaml:8:7: turns: expected one of user, press, send, hand_back",
        ],
    );
}

#[test]
fn mistakes_of_examples() {
    let one = |text: &str, expected: &[&str]| check(&[("intents/en/a.yaml", text)], expected);
    one(
        "examples:\n  - '[BK240117(order_number)'\n  - '[BK240117](ordernumber)'\n  - '[BK240117](order_number)'\n  - 'at [3](time)'\n",
        &[
            "intents/en/a.yaml:2:5: examples: `[BK240117(order_number)` has a `[` that is never closed (a mark is written `[the customer's words](entity)`)",
            "intents/en/a.yaml:3:5: examples: there is no entity `ordernumber` (did you mean `order_number`?)",
            "intents/en/a.yaml:4:5: examples: `BK240117` is there twice (line 3) (remove one of them)",
        ],
    );
    one(
        "examples:\n  - Thank  you\n  - ' '\n  - '?!'\n  - 👋\n  - I want B\n  - ' i WANT [x] '\n  - i want [x]\n",
        &[
            "intents/en/a.yaml:3:5: examples: the example is empty (remove it)",
            "intents/en/a.yaml:4:5: examples: `?!` has no words to learn from (remove it)",
            "intents/en/a.yaml:8:5: examples: `i want [x]` is there twice (line 7) (remove one of them)",
            "intents/en/b.yaml:1:12: examples: `i want b` is also an example of `a` (intents/en/a.yaml:6) (keep it in the one intent that it means)",
        ],
    );
    one(
        "examples: []\n",
        &["intents/en/a.yaml:0:0: examples: there are no examples in it (write some, or remove the file)"],
    );
    check(
        &[("intents/th/b.yaml", "examples: [I want b]\n"), ("intents/en/oos.yaml", "examples: [rain?]\n")],
        &[],
    );
    let found = problems(&[("intents/en/a.yaml", "exampels: [a]\n")]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].starts_with("intents/en/a.yaml:1:1: yaml: ") && found[0].contains("exampels"),
        "{found:#?}"
    );
}

#[test]
fn examples_that_are_missing_or_belong_to_nothing() {
    check(
        &[("intents/en/c.yaml", "")],
        &[
            "bot.yaml:6:17: intents: `c` has no examples, so nothing is ever understood as it (write some into intents/th/c.yaml)",
        ],
    );
    check(
        &[("intents/fr/a.yaml", "examples: [un]\n"), ("intents/fr/b.yaml", "examples: [deux]\n")],
        &["intents/fr:0:0: fr: the bot does not speak `fr` (bot.yaml has the languages th, en)"],
    );
    check(
        &[("intents/en/d.yaml", "examples: [i want d]\n")],
        &["intents/en/d.yaml:0:0: intent: there is no intent `d` (did you mean `a`?)"],
    );
    check(
        &[("flows/d.yml", "flow: d\n")],
        &["flows/d.yml:0:0: file: nothing reads this file (rename it to d.yaml)"],
    );
}

#[test]
fn every_file_of_the_demo_bot_belongs_to_it() {
    let files = files_of("baan_kafe");
    assert!(files.keys().all(|file| BotFile::of(file).is_some()), "{:?}", files.keys());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_file_makes_reading_panic(text in yaml_like()) {
        let mut files = small_files(&[("a", "  - say: hello\n")], &[("hello", "hello")]);
        for file in ["flows/a.yaml", "wording/th.yaml", "bot.yaml", "actions.yaml", "entities.yaml", "scenarios/a.yaml", "intents/en/a.yaml"] {
            let sound = files.insert(file.to_owned(), text.clone());
            if let Err(problems) = Bot::read(&files) {
                prop_assert!(!problems.is_empty());
            }
            match sound {
                Some(sound) => files.insert(file.to_owned(), sound),
                None => files.remove(file),
            };
        }
    }
}

/// Lines of flows, right and wrong, at any depth.
fn yaml_like() -> impl Strategy<Value = String> {
    let lines = "flow: a|steps:|- say: hello|- say: [hello]|- collect: x|collect: 5|with: { a: b }|- choose:|say: hello|\
                 options: [a, {option: b}, 3]|- branch:|- when: x == 1|- otherwise:|otherwise: {say: x}|- end|then: end|\
                 - call: note|on_error:|branch:|- set: {a: 1}|pattern: '['|description: {en: x}|starts_when: {intent: a}|\
                 - run: a|text: '{'|{|]|'|a: &x [*x]|- *y|<<: {a: b}|? [a]|!!binary x|\u{feff}|intents: [a, a]|- {}|~: ~";
    let lines: Vec<&str> = lines.split('|').collect();
    let line = (0_usize..5, proptest::sample::select(lines));
    proptest::collection::vec(line, 0..14).prop_map(|lines| {
        lines.into_iter().fold(String::new(), |all, (depth, line)| all + &"  ".repeat(depth) + line + "\n")
    })
}

#[test]
fn templates_of_platforms_are_read_strictly() {
    let wording = "+greet: { text: hi, templates: { line: { name: a }, whatsapp: { name: A-b, when: never }, \
                   messenger: { name: good, values: { body.1: '{nobody}' } } } }\n";
    let flow = "flow: b\ndescription: { en: x }\nstarts_when: { intent: b }\nsteps:\n  - say: greet\n";
    let changes = [("wording/en.yaml", wording), ("wording/th.yaml", "+greet: hi\n"), ("flows/b.yaml", flow)];
    let found = problems(&changes);
    let expected =
        ["`line` has no templates", "`A-b` is no template's name", "`never` says nothing here", "`nobody`"];
    for words in expected {
        assert_eq!(found.iter().filter(|one| one.contains(words)).count(), 1, "{words}: {found:#?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

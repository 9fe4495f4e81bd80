//! Measures understanding: trains on a bot's examples with the encoders that are found and prints accuracies and times.
//!
//! `cargo run --release -p training --example measure_intents -- [--bot FOLDER] [--judging FILE] [--models FOLDER] [--blind]`

#![expect(clippy::print_stdout, reason = "a measuring program prints")]

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use models::{Encode, Encoder, EncoderOptions, Purpose, Runtime, RuntimeSearch};
use nlu::{
    Context, EntityConfig, EntityFinder, EntityMoment, Featuriser, IntentModel, Interpreter, Language,
    ListEntity, ListValue, Normalised, PatternEntity, Stages, Words,
};
use training::{
    Dataset, Evaluation, Example, IntentOptions, Judged, MarkedSpan, MemoryCache, Report, Resources, auroc,
    evaluate, text_hash, train_intents,
};

const OOS: &str = nlu::OUT_OF_SCOPE;

struct Arguments {
    bot: PathBuf,
    judging: PathBuf,
    models: PathBuf,
    blind: bool,
    options: IntentOptions,
}

fn arguments() -> Arguments {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Arguments {
        bot: root.join("dialogues/bots/baan_kafe"),
        judging: root.join("tests/scenarios/judging/understand.jsonl"),
        models: root.join("models/registry"),
        blind: false,
        options: IntentOptions::default(),
    };
    let mut rest = std::env::args().skip(1);
    while let Some(name) = rest.next() {
        match name.as_str() {
            "--bot" => found.bot = rest.next().expect("--bot FOLDER").into(),
            "--judging" => found.judging = rest.next().expect("--judging FILE").into(),
            "--models" => found.models = rest.next().expect("--models FOLDER").into(),
            "--blind" => found.blind = true,
            "--accept" => {
                let share = rest.next().and_then(|share| share.parse().ok());
                found.options.accept = share.expect("--accept SHARE");
            }
            "--without-background" => found.options.background = false,
            other => panic!("unknown argument {other}"),
        }
    }
    found
}

fn main() {
    let arguments = arguments();
    let dataset = Dataset::new(read_bot(&arguments.bot));
    println!("{} examples, {} labels", dataset.examples().len(), dataset.labels().len());
    let encoders = load_encoders(&arguments.models);
    let words = Words::default();
    words.cut("อุ่นเครื่อง");
    let mut cache = MemoryCache::default();
    let mut resources = Resources { words: &words, encoders: &encoders, cache: &mut cache };
    let (model, report) = train(&dataset, &arguments.options, &mut resources);
    print_report(&report);
    let (_, _) = train(&dataset, &arguments.options, &mut resources);
    let model = Arc::new(model);
    let finder =
        EntityFinder::new(&EntityConfig::default(), &words).expect("the default configuration is usable");
    let interpreter = Interpreter::new(&words, finder).with_model(model.clone());
    measure_entities(&arguments.bot);
    // Texts that are word for word in the training examples would flatter.
    let known: HashSet<_> = dataset.examples().iter().map(|example| text_hash(&example.text)).collect();
    let mut judging = read_judging(&arguments.judging);
    judging.retain(|example| !known.contains(&text_hash(&example.text)));
    println!("{} texts for judging", judging.len());
    let stages = [
        ("ngrams", Stages::ngrams_only()),
        ("use", Stages { when_unsure: Vec::new(), ..Stages::default() }),
        ("cascade", Stages::default()),
        ("everything", Stages::everything()),
    ];
    for (name, stages) in stages {
        let interpreter = interpreter.clone().with_encoders(encoders.clone(), stages);
        measure(name, &interpreter, &judging, arguments.blind);
    }
    time_parts(&words, &encoders, &model, &judging);
}

fn train(dataset: &Dataset, options: &IntentOptions, resources: &mut Resources<'_>) -> (IntentModel, Report) {
    let (start, cpu) = (Instant::now(), processor_seconds());
    let (model, report) =
        train_intents(dataset, options, resources, &|_| {}).expect("the bot has several intents");
    let bytes: usize = model.to_blobs().values().map(Vec::len).sum();
    let (wall, cpu) = (start.elapsed().as_secs_f32(), processor_seconds() - cpu);
    println!("trained in {wall:.2} s, {cpu:.2} s of processor time, {} kB", bytes / 1000);
    (model, report)
}

/// User and system time of this process where Linux tells it: other programs do not count.
fn processor_seconds() -> f32 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = status.split(' ').skip(13).take(2).filter_map(|ticks| ticks.parse::<f32>().ok());
    ticks.sum::<f32>() / 100.0
}

fn read_bot(bot: &Path) -> Vec<Example> {
    let marked = read_marked(bot).into_iter();
    marked.map(|(text, _, label, language)| Example::new(text, label, language)).collect()
}

type Marked = (String, Vec<MarkedSpan>, String, Language);

fn read_marked(bot: &Path) -> Vec<Marked> {
    #[derive(serde::Deserialize)]
    struct File {
        examples: Vec<String>,
    }
    let mut examples = Vec::new();
    for code in ["th", "en", "zh"] {
        let language = Language::from_code(code).expect("the code is in the table");
        let Ok(files) = std::fs::read_dir(bot.join("intents").join(code)) else { continue };
        for file in files {
            let path = file.expect("a folder entry is readable").path();
            let text = std::fs::read_to_string(&path).expect("an intent file is readable");
            let file: File = serde_saphyr::from_str(&text).expect("an intent file is YAML");
            let label = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
            examples.extend(file.examples.iter().map(|marked| {
                let (text, spans) = Example::parse_marked(marked);
                (text, spans, label.clone(), language)
            }));
        }
    }
    examples
}

/// How many of the entities that are marked in the examples are found where they are.
fn measure_entities(bot: &Path) {
    let Ok(text) = std::fs::read_to_string(bot.join("entities.yaml")) else { return };
    let config = read_entities(&text);
    let words = Words::new(&config.names());
    let finder = EntityFinder::new(&config, &words).expect("the bot's entities are usable");
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (text, spans, _, _) in read_marked(bot) {
        let found = finder.find(&text, &Normalised::new(&text), EntityMoment::new(0, 0), None);
        for span in spans {
            let hit = found.iter().any(|entity| {
                entity.kind == span.entity && entity.start < span.end && entity.end > span.start
            });
            let count = counts.entry(span.entity).or_default();
            count.0 += usize::from(hit);
            count.1 += 1;
        }
    }
    println!("marked entities found: {counts:?}");
}

fn read_entities(text: &str) -> EntityConfig {
    #[derive(serde::Deserialize)]
    struct Definition {
        pattern: Option<String>,
        #[serde(default)]
        values: BTreeMap<String, Value>,
    }
    #[derive(serde::Deserialize)]
    struct Value {
        #[serde(default)]
        name: BTreeMap<String, String>,
        #[serde(default)]
        synonyms: BTreeMap<String, Vec<String>>,
    }
    let definitions: BTreeMap<String, Definition> =
        serde_saphyr::from_str(text).expect("entities.yaml is YAML");
    let mut config = EntityConfig::default();
    for (name, definition) in definitions {
        if let Some(pattern) = definition.pattern {
            config.patterns.push(PatternEntity { name, pattern, keep_case: false });
            continue;
        }
        let value = |(value, names): (String, Value)| ListValue {
            value,
            synonyms: names.name.into_values().chain(names.synonyms.into_values().flatten()).collect(),
        };
        config.lists.push(ListEntity { name, values: definition.values.into_iter().map(value).collect() });
    }
    config
}

fn read_judging(path: &Path) -> Vec<Example> {
    #[derive(serde::Deserialize)]
    struct Row {
        text: String,
        label: String,
        lang: Language,
    }
    let text = std::fs::read_to_string(path).expect("the judging set is readable");
    let rows = text.lines().map(|line| serde_json::from_str::<Row>(line).expect("a row is JSON"));
    rows.map(|row| Example::new(row.text, row.label, row.lang)).collect()
}

fn load_encoders(registry: &Path) -> Vec<Arc<dyn Encode>> {
    let library = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
    let runtime = Runtime::start(&RuntimeSearch::new(library, registry.parent()));
    println!("runtime {}", runtime.backend());
    let mut encoders: Vec<Arc<dyn Encode>> = Vec::new();
    for name in ["use-multilingual-v3", "multilingual-e5-small"] {
        let options = EncoderOptions { threads: 2, ..EncoderOptions::default() };
        match Encoder::load(&runtime, &registry.join(name), &options) {
            Ok(encoder) => encoders.push(Arc::new(encoder)),
            Err(error) => println!("without {name}: {error}"),
        }
    }
    encoders
}

fn print_report(report: &Report) {
    print_evaluation("cross-validated", &report.cross_validated);
    print_evaluation("blind fifth", &report.blind);
    for score in &report.heads {
        println!(
            "  {:60} cv {:.3} blind {:.3} oos auroc {:.3} weights {:.2?}",
            score.heads.join(" + "),
            score.cross_validated_accuracy,
            score.blind_accuracy,
            score.out_of_scope_auroc,
            score.weights,
        );
    }
    for pair in report.cross_validated.confused.iter().take(8) {
        println!("  {} taken for {}: {}", pair.expected, pair.found, pair.count);
    }
}

fn print_evaluation(name: &str, evaluation: &Evaluation) {
    let languages: Vec<String> = evaluation
        .languages
        .iter()
        .map(|score| format!("{} {:.3}", score.language, score.accuracy))
        .collect();
    println!(
        "{name}: {} texts, accuracy {:.3}, macro-F1 {:.3} ({})",
        evaluation.examples,
        evaluation.accuracy,
        evaluation.macro_f1,
        languages.join(", ")
    );
}

/// The half of the judging set on which thresholds may be chosen; the other half is measured once at the end.
fn is_dev(example: &Example) -> bool {
    raw_hash(&example.text).is_multiple_of(2)
}

fn raw_hash(text: &str) -> u8 {
    // The judging set is halved by the hash of the raw text, not of the normalised one.
    use sha2::Digest;
    sha2::Sha256::digest(text.as_bytes())[0]
}

fn measure(name: &str, interpreter: &Interpreter, judging: &[Example], blind: bool) {
    for dev in [true, false] {
        if !dev && !blind {
            continue;
        }
        let part: Vec<&Example> = judging.iter().filter(|example| is_dev(example) == dev).collect();
        let (mut inside, mut all, mut scores) = (Vec::new(), Vec::new(), (Vec::new(), Vec::new()));
        let mut refused = 0;
        let mut times = Vec::new();
        for example in part {
            let start = Instant::now();
            let understood = interpreter.understand(&example.text, &Context::default()).understanding;
            times.push(start.elapsed().as_secs_f32() * 1e3);
            let best = understood.intents.first().map_or(String::new(), |intent| intent.name.clone());
            let judged =
                |found: String| Judged { expected: example.label.clone(), found, language: example.language };
            if example.label == OOS {
                scores.1.push(understood.out_of_scope_score);
            } else {
                inside.push(judged(best.clone()));
                scores.0.push(understood.out_of_scope_score);
                refused += usize::from(understood.out_of_scope);
            }
            all.push(judged(if understood.out_of_scope { OOS.to_owned() } else { best }));
        }
        let half = if dev { "dev" } else { "BLIND" };
        print_evaluation(&format!("judging {half}, {name}, in scope"), &evaluate(&inside));
        let with_oos = evaluate(&all);
        print_evaluation(&format!("judging {half}, {name}, with oos"), &with_oos);
        let recall =
            with_oos.classes.iter().find(|class| class.label == OOS).map_or(0.0, |class| class.recall);
        times.sort_by(f32::total_cmp);
        println!(
            "  oos auroc {:.3}, recall {recall:.3}, refused {:.3}; p50 {:.2} ms, p99 {:.2} ms",
            auroc(&scores.0, &scores.1),
            refused as f32 / inside.len() as f32,
            times[times.len() / 2],
            times[times.len() * 99 / 100],
        );
    }
}

fn time_parts(words: &Words, encoders: &[Arc<dyn Encode>], model: &IntentModel, judging: &[Example]) {
    let mut times: BTreeMap<String, f32> = BTreeMap::new();
    let mut add = |name: &str, start: Instant| {
        *times.entry(name.to_owned()).or_default() += start.elapsed().as_secs_f32() * 1e6;
    };
    let featuriser = Featuriser::new(words.clone());
    let finder =
        EntityFinder::new(&EntityConfig::default(), words).expect("the default configuration is usable");
    for example in judging {
        let start = Instant::now();
        let normalised = Normalised::new(&example.text);
        add("normalise", start);
        let start = Instant::now();
        std::hint::black_box(nlu::detect(normalised.text(), None));
        add("language", start);
        let start = Instant::now();
        let features = featuriser.features(&normalised);
        add("features", start);
        let start = Instant::now();
        let output = model.classifier().ngrams_output(&features);
        std::hint::black_box(model.classifier().fuse(&[(0, &output)]));
        add("n-gram head and rule", start);
        let start = Instant::now();
        std::hint::black_box(finder.find(&example.text, &normalised, nlu::EntityMoment::new(0, 0), None));
        add("entities", start);
        for encoder in encoders {
            let start = Instant::now();
            let encoded = encoder.encode_blocking(&[normalised.text().to_owned()], Purpose::Query);
            std::hint::black_box(encoded.expect("a text can be encoded"));
            add(encoder.name(), start);
        }
    }
    for (name, total) in times {
        println!("{name}: {:.0} us a message", total / judging.len() as f32);
    }
}

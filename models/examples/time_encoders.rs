//! Times the encoders of a registry: `time_encoders REGISTRY [LIBRARY]`, with tract where no library is named.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use models::{Encoder, EncoderOptions, ModelCard, Purpose, Runtime, RuntimeSearch, Tokenizer};

/// About 12 and 20 tokens with the prefixes of e5.
const TEXTS: [(&str, &str); 2] = [
    ("len 12", "where is the parcel that I ordered"),
    ("len 20", "I would like to change the delivery address of my order to the new office"),
];
const ROUNDS: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let registry = PathBuf::from(arguments.next().ok_or("usage: time_encoders REGISTRY [LIBRARY]")?);
    let runtime =
        Runtime::start(&RuntimeSearch { library: arguments.next().map(PathBuf::from), folders: Vec::new() });
    let mut out = io::stdout().lock();
    writeln!(out, "backend {}", runtime.backend())?;
    for card in ModelCard::read_all(&registry)? {
        let folder = registry.join(&card.name);
        writeln!(out, "{}", card.name)?;
        time_tokenizer(&mut out, &folder)?;
        time_encoder(&mut out, runtime, &folder)?;
    }
    Ok(())
}

fn time_tokenizer(out: &mut impl Write, folder: &Path) -> Result<(), Box<dyn Error>> {
    let before = resident_megabytes();
    let start = Instant::now();
    let tokenizer = Tokenizer::load(&folder.join("tokenizer.json"))?;
    let load = start.elapsed().as_millis();
    let used = resident_megabytes() - before;
    let start = Instant::now();
    for _ in 0..ROUNDS {
        tokenizer.encode(TEXTS[1].1, 512)?;
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / ROUNDS as f64;
    writeln!(out, "  tokenizer: load {load} ms, resident +{used:.0} MB, {each:.1} µs a text")?;
    Ok(())
}

fn time_encoder(out: &mut impl Write, runtime: Runtime, folder: &Path) -> Result<(), Box<dyn Error>> {
    let before = resident_megabytes();
    let start = Instant::now();
    let encoder = Encoder::load(&runtime, folder, &EncoderOptions::default())?;
    let load = start.elapsed().as_millis();
    let used = resident_megabytes() - before;
    writeln!(out, "  encoder: load {load} ms, resident +{used:.0} MB")?;
    for (name, text) in TEXTS {
        let texts = [text.to_owned()];
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let start = Instant::now();
            encoder.encode_blocking(&texts, Purpose::Query)?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        writeln!(out, "  {name}: p50 {:.2} ms, p99 {:.2} ms", times[ROUNDS / 2], times[ROUNDS * 99 / 100])?;
    }
    let many: Vec<String> = TEXTS.iter().map(|(_, text)| (*text).to_owned()).cycle().take(ROUNDS).collect();
    let start = Instant::now();
    encoder.encode_blocking(&many, Purpose::Query)?;
    writeln!(out, "  {:.0} texts a second", ROUNDS as f64 / start.elapsed().as_secs_f64())?;
    Ok(())
}

/// Memory of this process as Linux counts it; 0 elsewhere.
fn resident_megabytes() -> f64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok()));
    pages.unwrap_or(0.0) * 4096.0 / 1e6
}

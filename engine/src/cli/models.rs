//! `sala models`: the encoders on this machine, and the intent models of the bots.

mod versions;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use models::{
    Encode as _, Encoder, EncoderOptions, IMPORTED, Import, ModelCard, Pooling, Runtime, RuntimeSearch,
};
use url::Url;

use super::{Common, counted, print};
use crate::config::Config;
use crate::model_folder;
use crate::safe_http::{OutgoingPolicy, OutgoingRequest, SafeHttp};

/// The largest file that is fetched: a graph of 32-bit weights with 500 million numbers.
const LARGEST: usize = 2 << 30;
const PATIENCE: Duration = Duration::from_mins(30);
/// Hubs send to their stores once or twice.
const REDIRECTS: usize = 5;

#[derive(Args)]
pub(super) struct Models {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the models with their versions, sizes, licences and scores
    List,
    /// Check every file's sum, load each model and encode a text
    Verify {
        /// Only this one
        name: Option<String>,
    },
    /// Add an encoder: a sentence-transformers export with an ONNX graph and tokenizer.json
    Pull(Pull),
    #[command(flatten)]
    OfBots(versions::Change),
}

#[derive(Args)]
struct Pull {
    /// A folder, or an https address whose files lie below it; a model's page on huggingface.co will do
    source: String,
    /// The name it gets; by default the last part of the source
    #[arg(long)]
    name: Option<String>,
    /// How one vector is made of the tokens'; by default as the export says
    #[arg(long)]
    pooling: Option<PoolingChoice>,
    /// Its licence (SPDX); by default as its README says
    #[arg(long)]
    licence: Option<String>,
    /// The languages it is good for, with commas; by default as its README says
    #[arg(long, value_delimiter = ',')]
    languages: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum PoolingChoice {
    /// As the cards write it, too.
    #[value(alias = "in_graph")]
    InGraph,
    Mean,
    First,
}

impl Models {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let config = common.config()?;
        match self.command {
            Command::OfBots(change) => versions::run(config, change).await,
            Command::List => list(&config, &folder(&config)?.join("registry")),
            Command::Verify { name } => {
                let folder = folder(&config)?;
                tokio::task::block_in_place(|| verify(&config, &folder, name.as_deref()))
            }
            Command::Pull(pull) => pull.run(&config, &folder(&config)?).await,
        }
    }
}

fn folder(config: &Config) -> anyhow::Result<PathBuf> {
    let folder = model_folder::find_folder(&config.models).context(
        "there is no models folder: name one with --models DIR or SALA_MODELS (it holds a folder registry/)",
    )?;
    match model_folder::fault(&folder) {
        Some(fault) => anyhow::bail!(fault),
        None => Ok(folder),
    }
}

fn runtime(config: &Config, folder: &Path) -> Runtime {
    let search = RuntimeSearch::new(Some(config.models.library.clone()), Some(folder));
    Runtime::start(&search).with_others(config.models.backends)
}

/// Code 1 when any model is damaged.
fn list(config: &Config, registry: &Path) -> anyhow::Result<ExitCode> {
    let mut damaged = 0;
    for folder in model_folders(registry)? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let card = match ModelCard::read(&folder) {
            Ok(card) => card,
            Err(error) => {
                damaged += 1;
                print(&format!("{name} (cannot be used)\n  {:#}", anyhow::Error::from(error)));
                continue;
            }
        };
        let is_whole = card.is_whole(&folder);
        damaged += usize::from(!is_whole);
        let used = match (is_whole, config.models.encoders.contains(&card.name)) {
            (false, _) => format!(
                "cannot be used: a file is missing or cut short, `sala models verify {name}` says which"
            ),
            (true, true) => "in use".to_owned(),
            (true, false) => "not in use".to_owned(),
        };
        describe(&card, &used);
    }
    Ok(if damaged == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn describe(card: &ModelCard, used: &str) {
    let bytes: u64 = card.files.values().map(|file| file.bytes).sum();
    print(&format!("{} {} ({used})", card.name, card.version));
    print(&format!(
        "  {:.1} MB, {} dimensions, {} tokens at most, languages: {}",
        bytes as f64 / 1e6,
        card.dimensions,
        card.max_tokens,
        card.languages.join(" ")
    ));
    print(&format!("  {}; from {}", card.licence, card.origin));
    let scores: Vec<String> = card.scores.iter().map(|(name, score)| format!("{name} {score}")).collect();
    if !scores.is_empty() {
        print(&format!("  {}", scores.join(", ")));
    }
}

/// Code 1 when any model is not as its card says.
fn verify(config: &Config, folder: &Path, only: Option<&str>) -> anyhow::Result<ExitCode> {
    let runtime = runtime(config, folder);
    let registry = folder.join("registry");
    let wanted = only.map(|name| registry.join(name));
    let folders = match wanted {
        Some(folder) => vec![folder],
        None => model_folders(&registry)?,
    };
    let mut wrong = 0;
    for folder in &folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match load(runtime, folder) {
            Ok(told) => print(&format!("ok     {name}: {told}")),
            Err(error) => {
                wrong += 1;
                print(&format!("WRONG  {name}: {error:#}"));
            }
        }
    }
    print(&format!("{}, {wrong} wrong", counted(folders.len(), "model")));
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Those with a card, whether it is readable or not.
fn model_folders(registry: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(registry).with_context(|| format!("{} cannot be read", registry.display()))?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("model.toml").is_file())
        .collect();
    folders.sort();
    Ok(folders)
}

fn load(runtime: Runtime, folder: &Path) -> anyhow::Result<String> {
    let encoder =
        Encoder::load(&runtime, folder, &EncoderOptions { threads: 1, ..EncoderOptions::default() })?;
    let told = format!("version and sums are right, {} dimensions", encoder.dimensions());
    encoder.stop();
    Ok(told)
}

impl Pull {
    async fn run(self, config: &Config, folder: &Path) -> anyhow::Result<ExitCode> {
        let registry = folder.join("registry");
        let name = self.name.clone().unwrap_or_else(|| last_part(&self.source));
        let pooling = self.pooling.map(|choice| match choice {
            PoolingChoice::InGraph => Pooling::InGraph,
            PoolingChoice::Mean => Pooling::Mean,
            PoolingChoice::First => Pooling::First,
        });
        let import = Import {
            name: name.clone(),
            origin: self.source.clone(),
            licence: self.licence.clone(),
            languages: self.languages.clone(),
            pooling,
        };
        let local = Path::new(&self.source);
        let fetched;
        let from = if local.is_dir() {
            local
        } else {
            fetched = fetch(&self.source, &registry).await?;
            fetched.path()
        };
        let card = tokio::task::block_in_place(|| import.run(from, &registry, runtime(config, folder)))?;
        print(&format!("{name} is there: {} dimensions, licence {}", card.dimensions, card.licence));
        let mut encoders = config.models.encoders.clone();
        encoders.push(name);
        print(&format!(
            "To use it, put this line under [models] in your settings file:\nencoders = {encoders:?}"
        ));
        Ok(ExitCode::SUCCESS)
    }
}

fn last_part(source: &str) -> String {
    source.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase()
}

/// Fetches the files of an export into a folder beside the registry's models, which is gone afterwards.
async fn fetch(source: &str, registry: &Path) -> anyhow::Result<tempfile::TempDir> {
    let base = base(source)?;
    let http = SafeHttp::new(OutgoingPolicy {
        allow_loopback_ports: base.port().filter(|_| is_loopback(&base)).into_iter().collect(),
        allow_networks: Vec::new(),
        timeout: PATIENCE,
        max_body: LARGEST,
    })?;
    let folder = tempfile::Builder::new().prefix(".fetch-").tempdir_in(registry)?;
    for name in IMPORTED {
        let path = folder.path().join(name);
        let Some(bytes) = fetch_file(&http, &base, name).await? else { continue };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(folder)
}

/// What files are named below.
fn base(source: &str) -> anyhow::Result<Url> {
    let reason = || format!("{source} is neither a folder nor an https address");
    let mut url = Url::parse(source).with_context(reason)?;
    anyhow::ensure!(url.scheme() == "https" || is_loopback(&url), reason());
    let is_page = url.host_str() == Some("huggingface.co") && !url.path().contains("/resolve/");
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&if is_page { format!("{path}/resolve/main/") } else { format!("{path}/") });
    Ok(url)
}

/// A server of one's own on this machine.
fn is_loopback(url: &Url) -> bool {
    matches!(url.host(), Some(url::Host::Ipv4(address)) if address.is_loopback())
}

/// The file itself or the one in `onnx/`; `None` where neither is there.
async fn fetch_file(http: &SafeHttp, base: &Url, name: &str) -> anyhow::Result<Option<Vec<u8>>> {
    for name in [name.to_owned(), format!("onnx/{name}")] {
        let mut url = base.join(&name)?;
        for _ in 0..REDIRECTS {
            let answer = http.send(OutgoingRequest::get(url.as_str())).await?;
            match answer.status {
                200 => return Ok(Some(answer.body)),
                301..=308 => {
                    let location = answer.headers.iter().find(|(name, _)| name == "location");
                    let (_, location) = location.with_context(|| format!("{url} leads nowhere"))?;
                    url = url.join(location)?;
                }
                404 => break,
                status => anyhow::bail!("{url} answers {status}"),
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_names_the_place_of_its_files() {
        let check = |source: &str, expected: Option<&str>| {
            assert_eq!(base(source).ok().as_ref().map(Url::as_str), expected, "{source}");
        };
        check(
            "https://huggingface.co/BAAI/bge-small-en-v1.5",
            Some("https://huggingface.co/BAAI/bge-small-en-v1.5/resolve/main/"),
        );
        check("https://models.example/a/", Some("https://models.example/a/"));
        check("http://127.0.0.1:8000/a", Some("http://127.0.0.1:8000/a/"));
        check("http://models.example/a", None);
        check("file:///etc", None);
        check("nowhere", None);
        assert_eq!(last_part("https://huggingface.co/BAAI/bge-small-en-v1.5/"), "bge-small-en-v1.5");
    }
}

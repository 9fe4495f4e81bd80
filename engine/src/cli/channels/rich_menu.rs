//! `sala channels rich-menu`: menus as files, so that a developer keeps them beside the bot.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use channels::ChannelName;
use channels::line::menu::{Menu, MenuProblem, picture_problem, picture_size};
use clap::Subcommand;
use serde_json::Value;

use super::super::print;
use super::ACTOR;
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::ids::RowId;
use crate::line::menus;
use crate::store::{LineMenu, Uploaded};

#[derive(Subcommand)]
pub(super) enum RichMenu {
    /// Bring a menu to LINE as its file says; a menu that LINE has so already is left alone
    Apply {
        /// YAML or JSON: name, bar, width, height, areas; `picture` is the path of a PNG or JPEG beside it, and `default:
        /// true` shows it to everybody
        file: PathBuf,
        /// The LINE account; the one that there is when none is given
        #[arg(long, value_name = "ID")]
        account: Option<String>,
    },
}

impl RichMenu {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<bool> {
        let Self::Apply { file, account } = self;
        let account = account_for(app, account.as_deref()).await?;
        let wanted = Wanted::read(&file)?;
        let mut faults = wanted.menu.problems();
        faults.extend(picture_problem(&wanted.picture, &wanted.menu));
        if !faults.is_empty() {
            for fault in &faults {
                print(&said(fault));
            }
            return Ok(false);
        }
        apply(app, &account, wanted).await
    }
}

struct Wanted {
    menu: Menu,
    picture: Vec<u8>,
    default: bool,
}

impl Wanted {
    fn read(file: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let mut fields: Value =
            serde_saphyr::from_str(&text).with_context(|| format!("{} is no menu", file.display()))?;
        let mut take = |name: &str| fields.as_object_mut().and_then(|fields| fields.remove(name));
        let picture = take("picture");
        let default = take("default").is_some_and(|default| default == true);
        let picture = picture.as_ref().and_then(Value::as_str).context("the file names no picture")?;
        let picture = file.parent().unwrap_or(Path::new("")).join(picture);
        let picture =
            std::fs::read(&picture).with_context(|| format!("{} cannot be read", picture.display()))?;
        let menu: Menu =
            serde_json::from_value(fields).with_context(|| format!("{} is no menu", file.display()))?;
        Ok(Self { menu, picture, default })
    }
}

async fn account_for(app: &App, asked: Option<&str>) -> anyhow::Result<Arc<OpenAccount>> {
    if let Some(id) = asked {
        let account = super::find(app, id).await?;
        anyhow::ensure!(account.name == ChannelName::Line, "{id} is no LINE account");
        return Ok(account);
    }
    let mut found = Vec::new();
    for tenant in app.store.tenants().await? {
        let accounts = app.store.channel_accounts(&tenant.id).await?;
        found.extend(accounts.into_iter().filter(|account| account.channel == "line"));
    }
    match found.as_slice() {
        [only] => super::find(app, only.id.as_str()).await,
        [] => anyhow::bail!("there is no LINE account yet: `sala channels add line` adds one"),
        _ => anyhow::bail!("there are several LINE accounts: say with --account which one"),
    }
}

async fn apply(app: &App, account: &OpenAccount, wanted: Wanted) -> anyhow::Result<bool> {
    let (tenant, id) = (&account.tenant, &account.id);
    let known = app.store.line_menus(tenant, id).await?;
    let known = known.into_iter().find(|known| known.menu.name == wanted.menu.name);
    let name = wanted.menu.name.clone();
    let mut menu = match known {
        Some(known) if is_same(app, &known, &wanted).await? => {
            print(&format!("LINE has the menu {name} as the file says."));
            known
        }
        _ => match bring(app, account, &wanted).await? {
            Ok(menu) => menu,
            Err(reason) => {
                print(&format!("LINE refused the menu {name}: {reason}"));
                return Ok(false);
            }
        },
    };
    if wanted.default && !menu.is_default {
        menus::set_default(app, account, Some(&menu)).await?;
        app.store.default_line_menu(tenant, id, Some(&menu.id)).await?;
        menu.is_default = true;
    }
    if menu.is_default {
        print(&format!("Everybody sees the menu {name}."));
    }
    Ok(true)
}

async fn is_same(app: &App, known: &LineMenu, wanted: &Wanted) -> anyhow::Result<bool> {
    let picture = menus::picture(app, known).await?;
    Ok(known.state == "live"
        && known.menu == wanted.menu
        && picture.is_some_and(|picture| picture.bytes == wanted.picture))
}

/// Stores the menu and brings it to LINE at once; the reason where LINE refuses it.
async fn bring(
    app: &App,
    account: &OpenAccount,
    wanted: &Wanted,
) -> anyhow::Result<Result<LineMenu, String>> {
    let (tenant, id) = (&account.tenant, &account.id);
    let drawn = app.store.draft_line_menu(tenant, id, wanted.menu.clone()).await?;
    let menu = find(app, account, &drawn).await?;
    let kind = picture_size(&wanted.picture).map_or("image/png", |(kind, ..)| kind);
    let blob = app.blobs.put(tenant, kind, wanted.picture.clone()).await?;
    app.store.put_line_menu_picture(&menu, &blob).await?;
    app.store.audit(tenant, ACTOR, "line_menu.published", drawn.as_str()).await?;
    let menu = find(app, account, &drawn).await?;
    Ok(match menus::upload_now(app, account, &menu).await? {
        Uploaded::Live { .. } => {
            print(&format!("LINE has the menu {} now.", menu.menu.name));
            Ok(find(app, account, &drawn).await?)
        }
        Uploaded::Refused { reason } => Err(reason),
    })
}

async fn find(app: &App, account: &OpenAccount, id: &RowId) -> anyhow::Result<LineMenu> {
    menus::find(app, &account.tenant, &account.id, id).await?.context("the menu is gone")
}

/// A fault on one line.
fn said(fault: &MenuProblem) -> String {
    let words = match fault.what {
        "name" => "the name is missing or longer than 200 letters",
        "bar" => "the words on the bar are missing or longer than 14 letters",
        "size" => "width is 800 to 2500, height at least 250",
        "ratio" => "the picture must be at least 1.45 times as wide as high",
        "alias" => "the alias has other letters than a-z, 0-9, - and _, or more than 32",
        "areas" => "there are more than 20 areas",
        "outside" => "it lies outside the picture",
        "empty" => "it has no width or no height",
        "label" => "the label is longer than 20 letters",
        "say" => "what is said is missing or longer than 300 letters",
        "begin" => "no flow is named",
        "choose" => "the payload is missing or longer than 300 letters",
        "open" => "the address must begin with https://, http://, tel:, mailto: or line://",
        "switch" => "the alias to switch to is missing or wrong",
        "picture_kind" => "the picture is neither a PNG nor a JPEG",
        "picture_large" => "the picture is larger than 1 MB",
        "picture_size" => "the picture has another size than the file says",
        other => other,
    };
    match fault.area {
        Some(area) => format!("area {}: {words}", area + 1),
        None => words.to_owned(),
    }
}

//! Rich menus: uploaded in several steps that may be repeated, then shown to everybody or to some.

use anyhow::Context as _;
use channels::line::menu::{MenuProblem, picture_problem, picture_size};
use channels::line::rich_menu;
use channels::{PlatformRequest, SendError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ask;
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::blobs::{Blob, BlobError};
use crate::ids::{ChannelAccountId, RowId, TenantId};
use crate::platform::{CallLimits, call};
use crate::store::{Job, LineMenu, NewJob, PEOPLE_A_CALL, PeopleChoice, Uploaded};

/// The kinds of the jobs that bring a menu to LINE, and that show one to many.
pub const UPLOAD: &str = "line_menu";
pub const LINK: &str = "line_menu_link";
const LEASE_MILLIS: u64 = 120_000;

#[derive(Serialize, Deserialize)]
struct Upload {
    account: ChannelAccountId,
    menu: RowId,
}

#[derive(Serialize, Deserialize)]
struct Link {
    account: ChannelAccountId,
    /// LINE's name of the menu; none takes the people's own menus away.
    menu: Option<String>,
    choice: PeopleChoice,
}

/// The account's menu of this id.
pub async fn find(
    app: &App,
    tenant: &TenantId,
    account: &ChannelAccountId,
    id: &RowId,
) -> anyhow::Result<Option<LineMenu>> {
    Ok(app.store.line_menus(tenant, account).await?.into_iter().find(|menu| menu.id == *id))
}

/// The menu's picture; none where it has none.
pub async fn picture(app: &App, menu: &LineMenu) -> Result<Option<Blob>, BlobError> {
    let Some(blob) = &menu.picture else { return Ok(None) };
    app.blobs.get(&menu.tenant, &RowId::from_text(blob.as_str())).await
}

/// Everything that LINE would refuse, the picture too.
pub async fn problems(app: &App, menu: &LineMenu) -> Result<Vec<MenuProblem>, BlobError> {
    let mut found = menu.menu.problems();
    match picture(app, menu).await? {
        Some(blob) => found.extend(picture_problem(&blob.bytes, &menu.menu)),
        None => found.push(MenuProblem::of_menu("picture_missing")),
    }
    Ok(found)
}

/// Asks for the newest revision to be brought to LINE.
pub async fn publish(app: &App, menu: &LineMenu) -> anyhow::Result<()> {
    app.store.line_menu_uploading(menu).await?;
    let upload = Upload { account: menu.account.clone(), menu: menu.id.clone() };
    let job = NewJob {
        tenant: menu.tenant.clone(),
        kind: UPLOAD,
        dedupe: menu.id.as_str().to_owned(),
        payload: serde_json::to_string(&upload)?,
        run_at: app.store.clock().now(),
    };
    Ok(app.store.add_job(job).await?)
}

/// Brings a menu to LINE. What LINE refuses is stored with its reason, and the draft stays.
pub async fn upload(app: &App, job: &Job) -> anyhow::Result<()> {
    let Upload { account: id, menu } = serde_json::from_str(&job.payload)?;
    let account = app.accounts.try_find(&id).await?.context("the channel account is gone")?;
    let Some(menu) = find(app, &job.tenant, &id, &menu).await? else { return Ok(()) };
    upload_now(app, &account, &menu).await.map(drop)
}

/// The same at once, for who waits for it.
pub async fn upload_now(app: &App, account: &OpenAccount, menu: &LineMenu) -> anyhow::Result<Uploaded> {
    let uploaded = match picture(app, menu).await? {
        None => Uploaded::Refused { reason: "the menu has no picture".to_owned() },
        Some(picture) => match bring(app, account, menu, &picture).await {
            Ok(platform_id) => Uploaded::Live { platform_id },
            Err(SendError::Refused { reason, .. }) => Uploaded::Refused { reason },
            Err(error) => return Err(error.into()),
        },
    };
    app.store.settle_line_menu(menu, uploaded.clone()).await?;
    Ok(uploaded)
}

/// The steps, each of which does nothing where it was done before; returns LINE's name of the menu.
async fn bring(
    app: &App,
    account: &OpenAccount,
    menu: &LineMenu,
    picture: &Blob,
) -> Result<String, SendError> {
    let config = &account.config;
    let family = format!("#{}.", menu.id);
    let mark = format!("{family}{}", menu.revision);
    let known = ask(app, account, &rich_menu::list(config)).await?.body;
    let ours: Vec<(String, String)> =
        named(&known["richmenus"], "richMenuId", "name").filter(|(_, name)| name.contains(&family)).collect();
    let done = ours.iter().find(|(_, name)| name.ends_with(&mark)).map(|(id, _)| id.clone());
    let id = match done {
        Some(id) => id,
        None => create(app, account, &menu.menu.body(&mark)).await?,
    };
    let shown = call(app, account, &rich_menu::image(config, &id), CallLimits::default()).await?;
    if shown.status != 200 {
        let kind = picture_size(&picture.bytes).map_or("image/png", |(kind, ..)| kind);
        ask(app, account, &rich_menu::upload_image(config, &id, kind, &picture.bytes)).await?;
    }
    if !menu.menu.alias.is_empty() {
        name_it(app, account, &menu.menu.alias, &id).await?;
    }
    if menu.is_default {
        ask(app, account, &rich_menu::set_default(config, &id)).await?;
    }
    if let Some(before) = menu.platform_id.as_deref().filter(|before| *before != id) {
        ask(app, account, &rich_menu::replace(config, before, &id)).await?;
    }
    // The one before stays until people have been moved; those before it are seen by nobody.
    for (old, _) in ours.iter().filter(|(old, _)| *old != id && menu.platform_id.as_ref() != Some(old)) {
        forget(app, account, &rich_menu::remove(config, old)).await?;
    }
    Ok(id)
}

async fn create(app: &App, account: &OpenAccount, body: &Value) -> Result<String, SendError> {
    let made = ask(app, account, &rich_menu::create(&account.config, body)).await?.body;
    made["richMenuId"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| SendError::Retry { after_ms: None, reason: "LINE gave the menu no id".to_owned() })
}

/// Lets the alias mean this menu.
async fn name_it(app: &App, account: &OpenAccount, alias: &str, menu: &str) -> Result<(), SendError> {
    let known = ask(app, account, &rich_menu::aliases(&account.config)).await?.body;
    let request =
        match named(&known["aliases"], "richMenuAliasId", "richMenuId").find(|(name, _)| name == alias) {
            Some((_, meant)) if meant == menu => return Ok(()),
            Some(_) => rich_menu::change_alias(&account.config, alias, menu),
            None => rich_menu::create_alias(&account.config, alias, menu),
        };
    ask(app, account, &request).await.map(drop)
}

/// Removes something; what is gone already is fine.
async fn forget(app: &App, account: &OpenAccount, request: &PlatformRequest) -> Result<(), SendError> {
    match ask(app, account, request).await {
        Ok(_) => Ok(()),
        Err(SendError::Refused { code, .. }) if code == "not_found" => Ok(()),
        Err(error) => Err(error),
    }
}

/// Two texts of each entry of a list.
fn named<'a>(list: &'a Value, one: &'a str, other: &'a str) -> impl Iterator<Item = (String, String)> + 'a {
    let all = list.as_array().into_iter().flatten();
    all.filter_map(move |each| Some((each[one].as_str()?.to_owned(), each[other].as_str()?.to_owned())))
}

/// Shows a menu to everybody who has none of their own, or takes that menu away.
pub async fn set_default(app: &App, account: &OpenAccount, menu: Option<&LineMenu>) -> Result<(), SendError> {
    let request = match menu.and_then(|menu| menu.platform_id.as_deref()) {
        Some(id) => rich_menu::set_default(&account.config, id),
        None => rich_menu::clear_default(&account.config),
    };
    ask(app, account, &request).await.map(drop)
}

/// Shows a menu to one person, or takes their own menu away.
pub async fn link(
    app: &App,
    account: &OpenAccount,
    person: &str,
    menu: Option<&str>,
) -> Result<(), SendError> {
    let request = match menu {
        Some(menu) => rich_menu::link(&account.config, person, menu),
        None => rich_menu::unlink(&account.config, person),
    };
    ask(app, account, &request).await.map(drop)
}

/// Asks for a menu to be shown to those who are so.
pub async fn ask_link_many(
    app: &App,
    account: &OpenAccount,
    menu: Option<String>,
    choice: PeopleChoice,
) -> anyhow::Result<()> {
    let id: RowId = app.store.new_id();
    let link = Link { account: account.id.clone(), menu, choice };
    let job = NewJob {
        tenant: account.tenant.clone(),
        kind: LINK,
        dedupe: id.as_str().to_owned(),
        payload: serde_json::to_string(&link)?,
        run_at: app.store.clock().now(),
    };
    Ok(app.store.add_job(job).await?)
}

/// Shows a menu to many. Saying it again changes nothing, so a job that broke off begins anew.
pub async fn link_many(app: &App, job: &Job) -> anyhow::Result<()> {
    let Link { account: id, menu, choice } = serde_json::from_str(&job.payload)?;
    let account = app.accounts.try_find(&id).await?.context("the channel account is gone")?;
    let people = app.store.chosen_people(&job.tenant, &id, &choice).await?;
    let total = i64::try_from(people.len())?;
    let mut done = 0;
    for people in people.chunks(PEOPLE_A_CALL) {
        let request = match &menu {
            Some(menu) => rich_menu::link_all(&account.config, people, menu),
            None => rich_menu::unlink_all(&account.config, people),
        };
        if let Err(error) = ask(app, &account, &request).await {
            // A refusal is for good: the job's row keeps its words for whoever looks.
            anyhow::ensure!(matches!(error, SendError::Refused { .. }), "{error}");
            tracing::warn!(%error, "LINE does not show a menu to some people");
        }
        done += i64::try_from(people.len())?;
        app.store.report_job(job, done, total, LEASE_MILLIS).await?;
    }
    Ok(())
}

/// Takes a menu from LINE, with its alias.
pub async fn remove(app: &App, account: &OpenAccount, menu: &LineMenu) -> Result<(), SendError> {
    let config = &account.config;
    if menu.is_default {
        ask(app, account, &rich_menu::clear_default(config)).await?;
    }
    if !menu.menu.alias.is_empty() {
        forget(app, account, &rich_menu::remove_alias(config, &menu.menu.alias)).await?;
    }
    let known = ask(app, account, &rich_menu::list(config)).await?.body;
    let family = format!("#{}.", menu.id);
    for (id, _) in named(&known["richmenus"], "richMenuId", "name").filter(|(_, name)| name.contains(&family))
    {
        forget(app, account, &rich_menu::remove(config, &id)).await?;
    }
    Ok(())
}

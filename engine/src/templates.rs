//! Message templates of an account: fetched from the platform, kept, and changed by what it tells of them.

use channels::{Content, HttpResponse, InboundMessage, NoticeKind};
use serde_json::Value;

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::platform::{CallLimits, call};
use crate::store::{MessageTemplate, TemplateNews};

/// The kind of the job that fetches an account's templates.
pub const FETCH_TEMPLATES: &str = "fetch_templates";
/// More pages than any platform has: a list that never ends is not followed for ever.
const MOST_PAGES: usize = 50;

/// Fetches every template of an account; returns how many there are, or none where the platform has no templates.
pub async fn fetch(app: &App, account: &OpenAccount) -> anyhow::Result<Option<usize>> {
    let mut templates = Vec::new();
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let Some(request) = account.adapter.templates(&account.config, after.as_deref()) else {
            return Ok(None);
        };
        let answer = call(app, account, &request, CallLimits::default()).await?;
        let response = HttpResponse { status: answer.status, headers: answer.headers, body: &answer.body };
        let page = account.adapter.templates_told(&response)?;
        templates.extend(page.templates.into_iter().map(|told| MessageTemplate {
            name: told.name,
            language: told.language,
            category: told.category,
            status: told.status,
            components: told.components,
            quality: told.quality,
            reason: told.reason,
        }));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let count = templates.len();
    app.store.keep_templates(&account.tenant, &account.id, templates).await?;
    Ok(Some(count))
}

/// What a platform tells of an account may be of a template: its state counts at once, and all are fetched again, as a
/// notice tells only a part.
pub async fn heard(app: &App, account: &OpenAccount, message: &InboundMessage) -> anyhow::Result<()> {
    let Content::Notice { notice } = &message.content else { return Ok(()) };
    if notice.kind != NoticeKind::Account || !notice.name.contains("template") {
        return Ok(());
    }
    let word = |path: &str| {
        let said = notice.details.pointer(path).and_then(Value::as_str);
        said.filter(|said| !said.is_empty() && *said != "NONE").map(str::to_owned)
    };
    let which = word("/message_template_name").zip(word("/message_template_language"));
    if let Some((name, language)) = which {
        let news = TemplateNews {
            status: word("/event"),
            category: word("/new_category"),
            quality: word("/new_quality_score"),
            reason: word("/reason"),
        };
        app.store.template_changed(&account.tenant, &account.id, (&name, &language), news).await?;
    }
    crate::account_care::add_job(app, &account.tenant, &account.id, FETCH_TEMPLATES).await
}

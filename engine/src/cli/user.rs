//! `sala user`: the company's people, before the console can be reached.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Common, print};
use crate::app::{App, Extras};
use crate::ids::TenantId;
use crate::permission::Permission;
use crate::store::{NewAgent, Role, Tenant};

#[derive(Args)]
pub(super) struct User {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Add a person; the password is read from the standard input
    Add {
        /// What the person signs in with, such as nok@example.com
        #[arg(value_parser = address)]
        email: String,
        /// What colleagues and customers see
        #[arg(long)]
        name: String,
        /// agent, trainer, sales_rep or admin; may be given several times
        #[arg(long = "role", default_value = "admin")]
        roles: Vec<String>,
        /// The company's id; it is made when it is not there. Without this, the one company that there is, or `main`
        #[arg(long, value_name = "ID")]
        company: Option<String>,
    },
    /// Give a person a new password, read from the standard input; every session of theirs ends
    Password {
        /// What the person signs in with
        email: String,
    },
}

impl User {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let config = common.config()?;
        let app = App::assemble(config, Extras { no_models: true, ..Extras::default() }).await?;
        match self.action {
            Action::Add { email, name, roles, company } => add(&app, &email, name, roles, company).await?,
            Action::Password { email } => {
                let email = email.to_lowercase();
                let Some((tenant, agent, _)) = app.store.credentials(&email).await? else {
                    anyhow::bail!("nobody has the address {email}")
                };
                let hash = app.passwords.hash(read_password()?).await?;
                app.store.set_password_hash(&tenant, &agent, hash).await?;
                print(&format!("{email} has a new password; every session has ended."));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn add(
    app: &App,
    email: &str,
    name: String,
    roles: Vec<String>,
    company: Option<String>,
) -> anyhow::Result<()> {
    let companies = app.store.tenants().await?;
    let (company, is_new) = company_for(company.as_deref(), &companies)?;
    let tenant = company.id.clone();
    let known = standard_roles(&tenant);
    if let Some(role) = roles.iter().find(|role| known.iter().all(|one| one.name != **role)) {
        let names: Vec<&str> = known.iter().map(|one| one.name.as_str()).collect();
        anyhow::bail!("there is no role {role}; the roles are {}", names.join(", "));
    }
    let hash = app.passwords.hash(read_password()?).await?;
    let shown = shown(&company);
    app.store.add_tenant(company).await?;
    for role in standard_roles(&tenant) {
        app.store.save_role(role).await?;
    }
    app.store
        .add_agent(NewAgent {
            tenant,
            id: app.store.new_id(),
            email: email.to_owned(),
            name,
            language: "th".to_owned(),
            password_hash: hash,
            roles,
        })
        .await?;
    if is_new {
        print(&format!("The company {shown} is new."));
    }
    print(&format!("{email} can sign in and belongs to the company {shown}."));
    Ok(())
}

/// The company that is meant, and whether it is yet to be made.
pub(super) fn company_for(asked: Option<&str>, companies: &[Tenant]) -> anyhow::Result<(Tenant, bool)> {
    let id = match (asked, companies) {
        (Some(id), _) => id,
        (None, []) => "main",
        (None, [only]) => return Ok((only.clone(), false)),
        (None, _) => {
            let all: Vec<String> = companies.iter().map(shown).collect();
            anyhow::bail!(
                "there are several companies, {}: say which one with --company and its id",
                all.join(", ")
            )
        }
    };
    anyhow::ensure!(!id.trim().is_empty(), "a company's id cannot be empty");
    if let Some(known) = companies.iter().find(|company| company.id.as_str() == id) {
        return Ok((known.clone(), false));
    }
    let company = Tenant {
        id: TenantId::from_text(id),
        name: id.to_owned(),
        language: "th".to_owned(),
        time_zone: "Asia/Bangkok".to_owned(),
    };
    Ok((company, true))
}

/// A company's id, with its name where that says more.
pub(super) fn shown(company: &Tenant) -> String {
    let id = company.id.as_str();
    if company.name == id { id.to_owned() } else { format!("{id} ({})", company.name) }
}

/// An e-mail address as it is kept.
fn address(text: &str) -> Result<String, String> {
    let address = Some(text.to_lowercase()).filter(|text| is_address(text));
    address.ok_or_else(|| "this is no e-mail address, such as nok@example.com".to_owned())
}

/// Whether this can be an e-mail address: a name and a domain, nothing more is asked.
fn is_address(text: &str) -> bool {
    let Some((name, domain)) = text.rsplit_once('@') else { return false };
    let is_plain =
        |letter: char| !letter.is_whitespace() && !letter.is_control() && !"@,;:<>()[]\"\\".contains(letter);
    let is_label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    let is_short = text.len() <= 254;
    is_short
        && !name.is_empty()
        && format!("{name}{domain}").chars().all(is_plain)
        && domain.split('.').all(is_label)
}

/// The roles that every company begins with.
pub(super) fn standard_roles(tenant: &TenantId) -> Vec<Role> {
    use Permission::{
        ConversationsRead, ConversationsReply, FeedbackGive, FiguresAsk, OperationsRead, TrainingManage,
    };
    let role = |name: &str, permissions: &[Permission]| Role {
        tenant: tenant.clone(),
        name: name.to_owned(),
        permissions: permissions.iter().map(|permission| permission.as_str().to_owned()).collect(),
    };
    vec![
        role("agent", &[ConversationsRead, ConversationsReply, FeedbackGive]),
        role("trainer", &[ConversationsRead, FeedbackGive, TrainingManage, OperationsRead]),
        role("sales_rep", &[ConversationsRead, FiguresAsk]),
        role("admin", &Permission::ALL),
    ]
}

fn read_password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        super::print_error("password (it will be shown; pipe it in to keep it off the screen):");
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        for (text, expected) in [
            ("nok@baankafe.example", true),
            ("nok.k+shop@mail.baankafe.co.th", true),
            ("admin@localhost", true),
            ("นก@กาแฟ.ไทย", true),
            ("notmail", false),
            ("@baankafe.example", false),
            ("nok@", false),
            ("nok@@baankafe.example", false),
            ("nok@baankafe..example", false),
            ("nok@.example", false),
            ("nok@example.", false),
            ("nok@-a.example", false),
            ("nok k@baankafe.example", false),
            ("nok@baan kafe.example", false),
            ("Nok <nok@baankafe.example>", false),
            ("a@b.example,c@d.example", false),
            ("", false),
        ] {
            assert_eq!(is_address(text), expected, "{text}");
        }
        assert!(!is_address(&format!("{}@a.example", "a".repeat(250))));
    }

    #[test]
    fn a_person_is_added_to_the_company_that_is_meant() {
        let check = |asked: Option<&str>, companies: &[(&str, &str)], expected: &str| {
            let tenant = |(id, name): &(&str, &str)| Tenant {
                id: TenantId::from_text(*id),
                name: (*name).to_owned(),
                language: "th".to_owned(),
                time_zone: "Asia/Bangkok".to_owned(),
            };
            let companies: Vec<Tenant> = companies.iter().map(tenant).collect();
            let said = match company_for(asked, &companies) {
                Ok((company, is_new)) => format!("{}{}", if is_new { "new " } else { "" }, shown(&company)),
                Err(error) => error.to_string(),
            };
            assert_eq!(said, expected, "{asked:?} {companies:?}");
        };
        let (cafe, main) = (("baan_kafe", "Baan Kafe Supply"), ("main", "main"));
        check(None, &[], "new main");
        check(None, &[cafe], "baan_kafe (Baan Kafe Supply)");
        check(
            None,
            &[cafe, main],
            "there are several companies, baan_kafe (Baan Kafe Supply), main: say which one with --company and its id",
        );
        check(Some("main"), &[], "new main");
        check(Some("main"), &[cafe, main], "main");
        check(Some("other"), &[cafe], "new other");
        check(Some(" "), &[cafe], "a company's id cannot be empty");
    }
}

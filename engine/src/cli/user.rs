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
        email: String,
        #[arg(long)]
        name: String,
        /// agent, trainer, sales_rep or admin; may be given several times
        #[arg(long = "role", default_value = "admin")]
        roles: Vec<String>,
        /// The company's id; it is made when it is not there
        #[arg(long, default_value = "main")]
        company: String,
    },
    /// Give a person a new password, read from the standard input; every session of theirs ends
    Password { email: String },
}

impl User {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let config = common.config()?;
        let app = App::assemble(config, Extras { no_models: true, ..Extras::default() }).await?;
        match self.action {
            Action::Add { email, name, roles, company } => add(&app, &email, name, roles, &company).await?,
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

async fn add(app: &App, email: &str, name: String, roles: Vec<String>, company: &str) -> anyhow::Result<()> {
    let tenant = TenantId::from_text(company);
    let known = standard_roles(&tenant);
    if let Some(role) = roles.iter().find(|role| known.iter().all(|one| one.name != **role)) {
        let names: Vec<&str> = known.iter().map(|one| one.name.as_str()).collect();
        anyhow::bail!("there is no role {role}; the roles are {}", names.join(", "));
    }
    let hash = app.passwords.hash(read_password()?).await?;
    app.store
        .add_tenant(Tenant {
            id: tenant.clone(),
            name: company.to_owned(),
            language: "th".to_owned(),
            time_zone: "Asia/Bangkok".to_owned(),
        })
        .await?;
    for role in standard_roles(&tenant) {
        app.store.save_role(role).await?;
    }
    app.store
        .add_agent(NewAgent {
            tenant,
            id: app.store.new_id(),
            email: email.to_lowercase(),
            name,
            language: "th".to_owned(),
            password_hash: hash,
            roles,
        })
        .await?;
    print(&format!("{email} can sign in."));
    Ok(())
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

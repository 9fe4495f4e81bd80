//! `sala search`: what a bot's articles say.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use nlu::Context;
use serde_json::json;

use super::{Common, print, workbench};

#[derive(Args)]
pub(super) struct Search {
    /// The bot's folder; the demo's bot when none is given
    #[arg(long, value_name = "DIR")]
    bot: Option<PathBuf>,
    /// The language to answer in; the question's when none is given
    #[arg(long)]
    language: Option<String>,
    /// The question
    #[arg(required = true)]
    question: Vec<String>,
}

impl Search {
    pub(super) fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let question = self.question.join(" ");
        let (answer, articles) = tokio::task::block_in_place(|| -> anyhow::Result<_> {
            let bot = workbench::taught_bot(common, self.bot.as_ref())?;
            let understood = bot.interpreter.understand(&question, &Context::default());
            let spoken = understood.understanding.language.language.code().to_owned();
            let language = bot.language(self.language.as_deref().or(Some(&spoken)), None).to_owned();
            let (articles, answer) =
                crate::turn::search(&bot, &understood, &language, crate::decide::Effort::Every);
            Ok((answer, articles))
        })?;
        let articles: Vec<_> = articles
            .into_iter()
            .map(|(article, score)| json!({ "article": article, "score": score }))
            .collect();
        print(&serde_json::to_string_pretty(&json!({ "answer": answer, "articles": articles }))?);
        Ok(ExitCode::SUCCESS)
    }
}

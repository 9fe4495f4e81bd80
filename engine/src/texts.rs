//! The product's own texts, one Fluent file a language, shared with the console.

use std::collections::HashMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

const FILES: [(&str, &str); 3] = [
    ("th", include_str!("../locales/th.ftl")),
    ("en", include_str!("../locales/en.ftl")),
    ("zh", include_str!("../locales/zh.ftl")),
];
/// What is spoken where nothing better is known.
const FALLBACK: &str = "en";

/// Texts by language and id.
pub struct Texts(HashMap<&'static str, FluentBundle<FluentResource>>);

impl Texts {
    /// Reads the files that were compiled in.
    pub fn compiled_in() -> anyhow::Result<Self> {
        let mut bundles = HashMap::new();
        for (language, text) in FILES {
            let resource = FluentResource::try_new(text.to_owned())
                .map_err(|(_, errors)| anyhow::anyhow!("locales/{language}.ftl: {errors:?}"))?;
            let identifier: LanguageIdentifier = language.parse()?;
            let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
            bundle.set_use_isolating(false);
            bundle
                .add_resource(resource)
                .map_err(|errors| anyhow::anyhow!("locales/{language}.ftl: {errors:?}"))?;
            bundles.insert(language, bundle);
        }
        Ok(Self(bundles))
    }

    /// The text of an id; the id itself where no language has it.
    pub fn get(&self, language: &str, id: &str) -> String {
        self.with(language, id, &[])
    }

    /// The text of an id with its values filled in.
    pub fn with(&self, language: &str, id: &str, args: &[(&str, &str)]) -> String {
        let args: FluentArgs<'_> = args.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        let found = [language, FALLBACK].iter().find_map(|language| {
            let bundle = self.0.get(language)?;
            let pattern = bundle.get_message(id)?.value()?;
            let mut errors = Vec::new();
            Some(bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned())
        });
        found.unwrap_or_else(|| id.to_owned())
    }

    /// The best language for a browser's Accept-Language.
    pub fn language_for(&self, accepted: &str) -> &'static str {
        let wanted = accepted.split(',').filter_map(|part| part.split([';', '-']).next()).map(str::trim);
        let spoken =
            |wanted: &str| FILES.iter().map(|(language, _)| *language).find(|language| *language == wanted);
        wanted.into_iter().find_map(spoken).unwrap_or(FALLBACK)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_text_is_there_in_every_language() {
        let ids = |text: &str| -> BTreeSet<String> {
            let names = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
            names.filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned())).collect()
        };
        let english = ids(FILES[1].1);
        assert!(english.len() > 200);
        for (language, text) in FILES {
            assert_eq!(ids(text), english, "{language}");
        }
        let texts = Texts::compiled_in().unwrap();
        assert!(english.iter().all(|id| texts.get("th", id) != *id));
    }

    #[test]
    fn browsers_get_the_first_language_we_speak() {
        let texts = Texts::compiled_in().unwrap();
        for (accepted, language) in
            [("th-TH,th;q=0.9,en;q=0.8", "th"), ("fr, zh-CN;q=0.5", "zh"), ("de", "en"), ("", "en")]
        {
            assert_eq!(texts.language_for(accepted), language, "{accepted}");
        }
    }
}

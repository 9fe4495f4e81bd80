//! Sentiment of one message: the same heads as intents, trained once and shipped.

use std::sync::{Arc, LazyLock};

use crate::classifier::Fused;
use crate::intent_model::{IntentModel, ModelError, unpack};
use crate::language::Language;
use crate::understanding::{Sentiment, SentimentLabel};

/// A classifier whose labels are the names of [`SentimentLabel`].
#[derive(Debug, Clone)]
pub struct SentimentModel {
    model: Arc<IntentModel>,
}

static SHIPPED: LazyLock<Option<SentimentModel>> =
    LazyLock::new(|| SentimentModel::from_bytes(include_bytes!("../sentiment/model.bin")).ok());

impl SentimentModel {
    /// The weights in this crate (see `sentiment/README.md`), made by `training`'s recipe.
    pub fn shipped() -> Option<Self> {
        SHIPPED.clone()
    }

    /// Reads a packed model whose labels are all sentiments.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let file = "model.bin".to_owned();
        let blobs = unpack(bytes).ok_or_else(|| ModelError::Unreadable {
            file: file.clone(),
            reason: "not a packed model".to_owned(),
        })?;
        let model = IntentModel::from_blobs(&blobs)?;
        if model.intents().any(|label| SentimentLabel::from_name(label).is_none()) {
            return Err(ModelError::Unreadable { file, reason: "labels are not sentiments".to_owned() });
        }
        Ok(Self { model: Arc::new(model) })
    }

    pub(crate) fn model(&self) -> &IntentModel {
        &self.model
    }
}

/// What a classifier of sentiments says of a text.
pub(crate) fn feelings(model: &IntentModel, fused: &Fused) -> Feelings {
    let known = model.classifier().labels.iter().zip(&fused.probabilities);
    Feelings(known.filter_map(|(label, share)| Some((SentimentLabel::from_name(label)?, *share))).collect())
}

/// How probable each feeling is.
#[derive(Debug, Clone)]
pub(crate) struct Feelings(Vec<(SentimentLabel, f32)>);

impl Feelings {
    /// The most probable one. Questions are told apart from other neutral messages in Thai only, where the public sets
    /// and their users do.
    pub(crate) fn sentiment(&self, language: Language) -> Sentiment {
        let folded = |label| match label {
            SentimentLabel::Question if language != Language::Thai => SentimentLabel::Neutral,
            label => label,
        };
        let shares = SentimentLabel::ALL.into_iter().map(|label| {
            let share: f32 =
                self.0.iter().filter(|(other, _)| folded(*other) == label).map(|(_, share)| share).sum();
            Sentiment { label, confidence: share }
        });
        shares
            .max_by(|left, right| left.confidence.total_cmp(&right.confidence))
            .unwrap_or(Sentiment::NEUTRAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Featuriser;
    use crate::language::detect;
    use crate::normalise::Normalised;

    fn check(text: &str, expected: SentimentLabel) {
        let sentiment = SentimentModel::shipped().unwrap();
        let language = detect(text, None).language;
        let model = sentiment.model();
        let classifier = model.classifier();
        let output = classifier.ngrams_output(&Featuriser::default().features(&Normalised::new(text)));
        let found = feelings(model, &classifier.fuse(&[(0, &output)]).unwrap()).sentiment(language);
        assert_eq!(found.label, expected, "{text} ({})", found.confidence);
    }

    #[test]
    fn the_shipped_weights_read_clear_messages() {
        use SentimentLabel::{Negative, Neutral, Positive, Question};
        check("แย่มาก ส่งช้า เครื่องพังอีกแล้ว", Negative);
        check("บริการห่วยมาก ไม่ซื้ออีกแล้ว", Negative);
        check("อร่อยมากเลยค่ะ ชอบมาก", Positive);
        check("ร้านเปิดกี่โมงคะ", Question);
        check("ขอใบเสร็จด้วยค่ะ", Neutral);
        check("terrible service, the machine is broken again", Negative);
        check("I love it, great service, thank you so much", Positive);
        check("what time do you open", Neutral);
        check("太差了，再也不买了", Negative);
    }

    #[test]
    fn broken_bytes_are_refused_and_the_file_is_small() {
        assert!(SentimentModel::from_bytes(b"").is_err());
        let shipped = include_bytes!("../sentiment/model.bin");
        assert!(SentimentModel::from_bytes(&shipped[..shipped.len() / 2]).is_err());
        assert!(shipped.len() < 2_000_000);
    }
}

//! Sentiment of one message: the same heads as intents, trained once and shipped.

use std::sync::{Arc, LazyLock};

use crate::classifier::Fused;
use crate::intent_model::{IntentModel, ModelError, unpack};
use crate::understanding::{Sentiment, SentimentLabel};

/// A classifier whose labels are the three sentiments.
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

    pub(crate) fn read(&self, fused: &Fused) -> Sentiment {
        let labels = &self.model.classifier().labels;
        let best = fused.best().and_then(|(index, confidence)| {
            let label = SentimentLabel::from_name(labels.get(index)?)?;
            Some(Sentiment { label, confidence })
        });
        best.unwrap_or(Sentiment::NEUTRAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Featuriser;
    use crate::normalise::Normalised;

    fn check(text: &str, expected: SentimentLabel) {
        let sentiment = SentimentModel::shipped().unwrap();
        let classifier = sentiment.model().classifier();
        let output = classifier.ngrams_output(&Featuriser::default().features(&Normalised::new(text)));
        let found = sentiment.read(&classifier.fuse(&[(0, &output)]).unwrap());
        assert_eq!(found.label, expected, "{text} ({})", found.confidence);
    }

    #[test]
    fn the_shipped_weights_read_clear_messages() {
        use SentimentLabel::{Negative, Neutral, Positive};
        check("แย่มาก ส่งช้า เครื่องพังอีกแล้ว", Negative);
        check("บริการห่วยมาก ไม่ซื้ออีกแล้ว", Negative);
        check("อร่อยมากเลยค่ะ ชอบมาก", Positive);
        check("ร้านเปิดกี่โมงคะ", Neutral);
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

//! The pretended Meta as one of its products.

use std::fmt::Debug;
use std::marker::PhantomData;

use super::super::Product;
use super::{Names, Platform};
use crate::simulator::{Answer, CustomerAct, Fault, Line, Simulator, Webhook};
use crate::{ChannelName, HttpCall};

/// A product of Meta: the adapter that speaks to it.
pub trait MetaProduct: Clone + Debug + Send {
    const CHANNEL: ChannelName;
}

/// One pretended Messenger with one page, or one pretended Instagram with one professional account.
#[derive(Clone, Debug)]
pub struct MetaSimulator<P: MetaProduct>(Platform, PhantomData<P>);

impl<P: MetaProduct> MetaSimulator<P> {
    /// The page or account with this id, run by the program `app_id`. It sends no webhook until one is registered.
    pub fn new(account: &str, token: &str, app_id: &str, app_secret: &str) -> Self {
        let names = Names {
            account: account.into(),
            app: app_id.into(),
            app_secret: app_secret.into(),
            token: token.into(),
        };
        let product =
            if P::CHANNEL == ChannelName::Instagram { Product::Instagram } else { Product::Messenger };
        Self(Platform::new(product, names), PhantomData)
    }

    /// Sends every kind of webhook to `url`, as if a person had set that in Meta's dashboard.
    #[must_use]
    pub fn with_webhook(mut self, url: &str) -> Self {
        self.0.subscribe_all(url);
        self
    }

    /// Where the files that customers send can be fetched: the address of this simulator with `/media`.
    #[must_use]
    pub fn with_media_at(mut self, base: &str) -> Self {
        base.clone_into(&mut self.0.media_base);
        self
    }

    /// Knows the utility templates of a small company: approved in two languages, one that waits, one that was refused.
    #[must_use]
    pub fn with_samples(mut self) -> Self {
        self.0.add_samples();
        self
    }

    /// Numbers messages and comments from here: a platform that starts anew must not repeat those of its last run.
    #[must_use]
    pub fn numbering_from(mut self, count: u64) -> Self {
        self.0.number_from(count);
        self
    }
}

impl<P: MetaProduct> Simulator for MetaSimulator<P> {
    fn channel(&self) -> ChannelName {
        P::CHANNEL
    }

    fn handle(&mut self, path: &str, call: &HttpCall<'_>) -> (Answer, Vec<Webhook>) {
        self.0.handle(path, call)
    }

    fn customer(&mut self, customer: &str, act: &CustomerAct, now: i64) -> Option<Vec<Webhook>> {
        self.0.customer(customer, act, now)
    }

    fn transcript(&self, customer: &str) -> Vec<Line> {
        self.0.transcript(customer)
    }

    fn customers(&self) -> Vec<String> {
        self.0.customers()
    }

    fn fail_next(&mut self, faults: &[Fault]) {
        self.0.fail_next(faults);
    }

    fn faults_left(&self) -> usize {
        self.0.faults_left()
    }

    fn batch(&self, webhooks: Vec<Webhook>) -> Vec<Webhook> {
        self.0.batch(webhooks)
    }
}

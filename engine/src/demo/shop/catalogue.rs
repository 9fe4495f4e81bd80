//! What the shop sells and offers.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::days_after;

const PRODUCTS: &str = include_str!("../data/products.yaml");
const PROMOTIONS: &str = include_str!("../data/promotions.yaml");

/// Something to buy.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Product {
    pub(super) sku: String,
    pub(super) name_th: String,
    pub(super) name_en: String,
    pub(super) name_zh: String,
    pub(super) category: String,
    /// In satang.
    pub(super) price: i64,
    pub(super) stock: i64,
}

impl Product {
    pub(super) fn name(&self, language: &str) -> &str {
        match language {
            "en" => &self.name_en,
            "zh" => &self.name_zh,
            _ => &self.name_th,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PromotionRow {
    name_th: String,
    name_en: String,
    name_zh: String,
    until_days: Option<i64>,
}

#[derive(Debug, Serialize)]
pub(super) struct Promotion {
    name_th: String,
    name_en: String,
    name_zh: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
}

/// Products in the order of the data file, and promotions.
pub(super) struct Catalogue {
    products: Vec<Product>,
    promotions: Vec<Promotion>,
}

impl Catalogue {
    #[expect(clippy::expect_used, reason = "the files are part of the program, and a test reads them")]
    pub(super) fn read(opened: Date) -> Self {
        let promotions: Vec<PromotionRow> =
            serde_saphyr::from_str(PROMOTIONS).expect("promotions.yaml is well-formed");
        let promotions = promotions.into_iter().map(|row| Promotion {
            name_th: row.name_th,
            name_en: row.name_en,
            name_zh: row.name_zh,
            until: row.until_days.map(|days| days_after(opened, days)),
        });
        Self {
            products: serde_saphyr::from_str(PRODUCTS).expect("products.yaml is well-formed"),
            promotions: promotions.collect(),
        }
    }

    pub(super) fn product(&self, sku: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.sku.eq_ignore_ascii_case(sku.trim()))
    }

    /// The product of a SKU; else those whose names hold every word; else those whose names hold one; all for no words.
    pub(super) fn search(&self, query: &str) -> Vec<&Product> {
        if let Some(product) = self.product(query) {
            return vec![product];
        }
        let query = query.to_lowercase();
        let words: Vec<&str> = query.split_whitespace().collect();
        let having = |every: bool| -> Vec<&Product> {
            let has = |product: &&Product| {
                let names = product.names();
                let mut found = words.iter().map(|word| names.contains(word));
                if every { found.all(|found| found) } else { found.any(|found| found) }
            };
            self.products.iter().filter(has).collect()
        };
        let all = having(true);
        if all.is_empty() { having(false) } else { all }
    }

    /// The promotions that have not ended.
    pub(super) fn promotions(&self, today: Date) -> Vec<&Promotion> {
        self.promotions
            .iter()
            .filter(|promotion| promotion.until.is_none_or(|until| until >= today))
            .collect()
    }
}

impl Product {
    fn names(&self) -> String {
        [&self.sku, &self.name_th, &self.name_en, &self.name_zh].map(|name| name.to_lowercase()).join("\n")
    }
}

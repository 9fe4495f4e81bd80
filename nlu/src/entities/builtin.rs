//! The entities that need no configuration.

use serde::{Deserialize, Serialize};

/// An entity that every bot knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Builtin {
    /// A number in digits or words; the value is a number.
    Number,
    /// A share of a hundred; the value is a number.
    Percent,
    /// An amount with its currency; the value is `{amount, currency}`, the currency in ISO 4217.
    Money,
    /// A telephone number; the value is in E.164 (`+66812345678`).
    Phone,
    Email,
    Url,
    /// Thirteen digits; the value is the digits. The check digit is not verified.
    TaxId,
    /// The number of a Thai identity card, known by its check digit; the value shows the last three digits only.
    NationalId,
    /// The reference number of a bank slip; the value shows the last four characters only.
    SlipReference,
    /// A Thai postcode; the value is its five digits.
    Postcode,
    /// A Thai province by its Thai, English or Chinese name; the value is the official Thai name.
    Province,
    /// A postal address in Thailand; the value is `{postcode, province}`, as far as they are given.
    Address,
    /// A day; the value is an ISO 8601 date.
    Date,
    /// A time of day; the value is `HH:MM`.
    Time,
    /// A run of days: whole weeks, months, quarters, years, or from one day to another; the value is `{from, to}`, ISO
    /// dates, both included.
    Period,
    /// A length of time; the value is an ISO 8601 duration.
    Duration,
}

impl Builtin {
    pub const ALL: [Self; 16] = [
        Self::Number,
        Self::Percent,
        Self::Money,
        Self::Phone,
        Self::Email,
        Self::Url,
        Self::TaxId,
        Self::NationalId,
        Self::SlipReference,
        Self::Postcode,
        Self::Province,
        Self::Address,
        Self::Date,
        Self::Time,
        Self::Period,
        Self::Duration,
    ];

    /// The entity type in an understanding.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Percent => "percent",
            Self::Money => "money",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Url => "url",
            Self::TaxId => "tax_id",
            Self::NationalId => "national_id",
            Self::SlipReference => "slip_reference",
            Self::Postcode => "postcode",
            Self::Province => "province",
            Self::Address => "address",
            Self::Date => "date",
            Self::Time => "time",
            Self::Period => "period",
            Self::Duration => "duration",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|builtin| builtin.name() == name)
    }
}

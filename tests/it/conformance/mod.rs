//! One suite that every store passes: memory, a SQLite file, PostgreSQL.

mod account_care;
mod agents;
mod audit;
mod blobs;
mod claims;
mod control;
mod conversations;
mod echoes;
mod events;
mod feedback;
mod handoffs;
mod identity;
mod ingest;
mod jobs;
mod links;
mod merges;
mod message_changes;
mod messages;
mod outbox;
mod parked;
mod profiles;
mod receipts;
mod seed;
mod sessions;
mod tenants;
mod turns;

//! The Activity API, asked with bearer tokens of the same authority.

mod addresses;
mod answered;
mod bearer;
mod book;
mod content;
mod feed;
mod hook;
mod listing;
mod oddities;
mod oracle;
mod quota;
mod scenarios;
mod shapes;
mod subscriptions;
mod webhooks;

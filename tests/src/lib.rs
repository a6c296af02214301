//! What the scenarios share: a one-machine run as a process, a browser, and an admin
//! who clicks through the consent pages.

pub mod admin;
pub mod aws_service;
pub mod broker;
pub mod browser;
pub mod chromium;
pub mod clock;
pub mod deployed;
pub mod doomed;
pub mod emulated;
pub mod entrance;
pub mod events;
pub mod forger;
pub mod fuzz;
pub mod gate;
pub mod gateway_event;
pub mod iam;
pub mod in_process;
pub mod issuer;
pub mod judge;
pub mod jwt;
pub mod lambda_runtime;
pub mod lines;
pub mod ministack;
pub mod neighbour;
pub mod operator;
pub mod process;
pub mod recorder;
pub mod sample_token;
pub mod signer;
pub mod stand_in;
pub mod store_contract;
pub mod wire;

pub use admin::{Flow, connect, connect_tenant};
pub use broker::{Broker, Vended};
pub use browser::{Browser, Form, Page};
pub use clock::MovedRun;
pub use deployed::Deployed;
pub use entrance::Entrance;
pub use forger::{Forger, Forgery, Genuine, Member, Workshop};
pub use judge::Judge;
pub use ministack::Ministack;
pub use operator::{caller_key, operate, put_policy};
pub use process::{Process, ReadyLine};
pub use recorder::{Microphone, Recorder};
pub use signer::Signer;

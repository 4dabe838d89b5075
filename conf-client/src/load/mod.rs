//! Named workloads against any server that speaks WHIP and WHEP, and what they cost it; and a
//! room that talks over our own signalling.

pub mod machine;
mod measure;
pub mod memory;
pub mod party;
pub mod report;
pub mod run;
pub mod talk;
mod talker;
pub mod whip;
pub mod workload;

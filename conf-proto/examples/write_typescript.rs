//! Writes the TypeScript module of the wire messages into the web client.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::write(root.join(conf_proto::typescript::PATH), conf_proto::typescript::module())
}

//! What people report reaches the operator and nobody else.

use std::path::Path;
use std::process::{Command, Output};

use conf_proto::ClientBody;
use conf_proto::rest::ReportMade;
use reference_server::store::{Store, StoreConfig};

use crate::host::{Host, data_dir};

const WHY: &str = "the canary shouts\nat everyone";

/// `conf-server reports` on a data folder.
fn order(data: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_conf-server"))
        .args(["reports", "--data-dir"])
        .arg(data)
        .args(more)
        .output()
        .expect("it runs")
}

#[tokio::test]
async fn a_report_is_read_with_the_key_or_on_the_command_line_and_that_is_audited() {
    let host = Host::start().await;
    let room = host.room().await;
    let mut ann = host.moderator(&room, "Ann").await;
    let bob = host.guest(&room, "Bob").await;
    let report = ClientBody::Report { target: bob.me, text: WHY.to_owned() };
    ann.client.must(report).await;

    let url = host.url("/api/v1/reports");
    for asked in [host.http.get(&url), host.http.get(&url).bearer_auth("0".repeat(43))] {
        assert_eq!(asked.send().await.expect("an answer").status(), 401, "from this machine too");
    }
    let keys = StoreConfig::new(data_dir(host.folder())).key_dir;
    let key = std::fs::read_to_string(keys.join("operator.key")).expect("the key");
    let ask = |url: String| host.http.get(url).bearer_auth(key.trim()).send();
    let reports: Vec<ReportMade> =
        ask(url.clone()).await.expect("an answer").json().await.expect("reports");
    let [report] = &reports[..] else { panic!("one report") };
    assert_eq!((report.by, report.about, report.meeting), (ann.me, bob.me, ann.meeting));
    assert_eq!(report.by_name.as_deref(), Some("Ann"));
    assert_eq!(report.about_name.as_deref(), Some("Bob"));
    assert_eq!(report.text.as_deref(), Some(WHY));
    let other = format!("{url}?meeting={}&number={}", report.meeting, report.number + 1);
    let none: Vec<ReportMade> = ask(other).await.expect("an answer").json().await.expect("none");
    assert!(none.is_empty());

    let refused = |folder: &Path| {
        let output = order(folder, &[]);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).expect("text")
    };
    assert!(refused(&data_dir(host.folder())).contains("GET /api/v1/reports"), "it is running");
    let nowhere = host.folder().join("mistyped");
    assert!(refused(&nowhere).contains("no data folder"));
    assert!(!nowhere.exists(), "nothing is made where nothing is");

    let folder = host.shut_down().await;
    let printed = |more: &[&str]| {
        let output = order(&data_dir(folder.path()), more);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let words = printed(&[]);
    for part in ["Bob", "Ann", "  | the canary shouts\n  | at everyone"] {
        assert!(words.contains(part), "{words}");
    }
    let meeting = report.meeting.to_string();
    let one = ["--json", "--meeting", &meeting, "--number", &report.number.to_string()];
    let again: Vec<ReportMade> = serde_json::from_str(&printed(&one)).expect("JSON");
    assert!(again == reports, "the same on the command line");

    let store = Store::open(&StoreConfig::new(data_dir(folder.path()))).await.expect("a store");
    let lines = store.audit_lines("default", 1, 1_000).await.expect("the audit");
    let read = lines.iter().filter(|line| line.kind == "report_read");
    assert_eq!(read.filter(|line| line.target == Some(bob.me)).count(), 3);
    assert!(store.verify_audit("default").await.expect("the audit").holds());
}

//! What is personal is not on disk in clear, can be erased, and the audit chain shows every change.

mod story;

use conf_core::event::EndReason;
use conf_core::id::MessageId;
use conf_core::text::{ChatText, MinutesText, Subject};
use conf_core::view::ChatBody;
use conf_core::{Entry, Event, Meeting, Span, Talk, TalkTime, Talked, Timestamp};
use reference_server::identity::OsIds;
use reference_server::store::{AuditRecord, Store, StoreConfig, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};
use story::{Place, entry, files_with, joined, meeting, opened, person, room, said, texts};

const NAME: &str = "Kanarienvogel Zwitscher";
const SUBJECT: &str = "subject-canary-7712";
const CHAT: &str = "the canary sang at midnight";

fn story() -> Vec<Entry> {
    vec![
        entry(1, opened(1)),
        entry(2, joined(4, SUBJECT, NAME)),
        entry(3, joined(5, "other-subject", "Other Name")),
        entry(4, said(4, CHAT)),
        entry(5, said(5, "nothing to hide")),
    ]
}

async fn told(place: &Place) -> Store {
    let store = place.with_meeting().await;
    let record = AuditRecord {
        room: Some(room(1)),
        meeting: Some(meeting(1)),
        actor: Some(person(4)),
        subject: Some(Subject::new(SUBJECT).unwrap()),
        ..AuditRecord::new(Timestamp(1_002), "joined")
    };
    store.append(meeting(1), story(), vec![record]).await.unwrap();
    store
}

fn is_erased(body: &ChatBody) -> bool {
    matches!(body, ChatBody::Text { text, .. } if text.is_erased())
}

async fn change(place: &Place, statement: &'static str) {
    let options = SqliteConnectOptions::new().filename(place.database());
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let changed = sqlx::query(statement).execute(&mut connection).await.unwrap();
    assert_eq!(changed.rows_affected(), 1, "{statement}");
    connection.close().await.unwrap();
}

fn assert_no_canary(config: &StoreConfig) {
    for canary in [NAME, SUBJECT, CHAT] {
        for dir in [&config.data_dir, &config.key_dir] {
            let found = files_with(dir, canary.as_bytes());
            assert!(found.is_empty(), "`{canary}` is in clear in {found:?}");
        }
    }
}

#[tokio::test]
async fn no_name_subject_or_chat_is_on_disk_in_clear() {
    let place = Place::new();
    let store = told(&place).await;
    // The scan itself works, also on the log: the room's name may be in clear.
    let room_name = files_with(&place.config().data_dir, b"Physics 101");
    assert!(room_name.iter().any(|path| path.to_string_lossy().ends_with("-wal")));
    assert_no_canary(&place.config());
    assert_eq!(store.journal(meeting(1)).await.unwrap(), story());

    store.close().await;
    assert_no_canary(&place.config());
    assert_eq!(place.open().await.journal(meeting(1)).await.unwrap(), story());
}

#[tokio::test]
async fn a_deleted_text_is_gone_from_the_store_and_the_rest_stays() {
    let place = Place::new();
    let store = told(&place).await;
    let deleted = Event::ChatDeleted {
        message: MessageId::from_number(4),
        from: person(4),
        by: person(5),
        held_in: 4,
    };
    store.append(meeting(1), vec![entry(6, deleted)], vec![]).await.unwrap();
    let journal = store.journal(meeting(1)).await.unwrap();
    assert_eq!(
        texts(&journal),
        [SUBJECT, NAME, "other-subject", "Other Name", "nothing to hide"],
        "its key is still there, the text is not"
    );
    let edited = Event::ChatEdited {
        message: MessageId::from_number(5),
        by: person(5),
        text: ChatText::new("nothing at all").unwrap().into(),
        held_in: 5,
    };
    let cleared = Event::ChatCleared { by: person(5), held_in: vec![7] };
    store.append(meeting(1), vec![entry(7, edited), entry(8, cleared)], vec![]).await.unwrap();
    let journal = store.journal(meeting(1)).await.unwrap();
    assert_eq!(texts(&journal), [SUBJECT, NAME, "other-subject", "Other Name"]);
    assert_eq!(journal.len(), 8, "that something was said stays");
}

#[tokio::test]
async fn what_the_minutes_said_before_is_gone_from_the_store_and_never_there_in_clear() {
    const MINUTES: &str = "a canary among the drafts";
    let place = Place::new();
    let store = told(&place).await;
    let written = |text: &str, version, held_in| Event::MinutesWritten {
        by: person(5),
        text: MinutesText::new(text).ok().map(Into::into),
        version,
        held_in,
    };
    let (first, second) = (written(MINUTES, 1, None), written("We begin.", 2, Some(6)));
    store.append(meeting(1), vec![entry(6, first)], vec![]).await.unwrap();
    assert!(texts(&store.journal(meeting(1)).await.unwrap()).contains(&MINUTES.to_owned()));
    assert!(files_with(&place.config().data_dir, MINUTES.as_bytes()).is_empty());
    store.append(meeting(1), vec![entry(7, second)], vec![]).await.unwrap();
    let left = texts(&store.journal(meeting(1)).await.unwrap());
    assert!(left.contains(&"We begin.".to_owned()) && !left.contains(&MINUTES.to_owned()));
    let struck = written("", 3, Some(7));
    store.append(meeting(1), vec![entry(8, struck)], vec![]).await.unwrap();
    let journal = store.journal(meeting(1)).await.unwrap();
    assert!(!texts(&journal).contains(&"We begin.".to_owned()));
    assert_eq!(journal.len(), 8, "that something was written stays");
}

#[tokio::test]
async fn who_talked_when_is_gone_from_the_store_once_the_meeting_is_over() {
    let talked = |who| {
        let time = TalkTime(Span(4_711)).into();
        Event::Talked(Talked { people: vec![Talk { participant: person(who), time }] })
    };
    let ended = Event::Ended { reason: EndReason::Empty, by: None };
    // What the server writes as the last entry, and what the store closes by itself.
    for by_itself in [false, true] {
        let place = Place::new();
        let store = told(&place).await;
        let since = vec![entry(6, talked(4)), entry(7, said(4, "more")), entry(8, talked(5))];
        store.append(meeting(1), since, vec![]).await.unwrap();
        let journal = store.journal(meeting(1)).await.unwrap();
        assert_eq!(texts(&journal).iter().filter(|text| *text == "4711").count(), 2);
        let canary = r#""type":"talked","people":[{"#;
        assert!(!files_with(&place.config().data_dir, canary.as_bytes()).is_empty());

        if by_itself {
            store.end_meeting(meeting(1), Timestamp(2_000)).await.unwrap();
        } else {
            store.append(meeting(1), vec![entry(9, ended.clone())], vec![]).await.unwrap();
        }
        // While the server goes on: also its log holds nothing of it any more.
        assert!(files_with(&place.config().data_dir, canary.as_bytes()).is_empty());
        let journal = store.journal(meeting(1)).await.unwrap();
        assert!(!texts(&journal).contains(&"4711".to_owned()));
        assert!(texts(&journal).contains(&"more".to_owned()), "what else was said stays");
        let nobody = Event::Talked(Talked { people: vec![] });
        assert_eq!([&journal[5].event, &journal[7].event], [&nobody, &nobody]);
        Meeting::replay(Box::new(OsIds), journal).expect("it adds up without it");
    }
}

#[tokio::test]
async fn an_erased_person_is_gone_and_everyone_else_stays() {
    let place = Place::new();
    let store = told(&place).await;
    store.erase(meeting(1), person(4), Timestamp(2_000)).await.unwrap();

    let left = ["other-subject", "Other Name", "nothing to hide"];
    let journal = store.journal(meeting(1)).await.unwrap();
    assert_eq!(texts(&journal), left);
    assert_eq!(journal.len(), story().len());
    let replayed = Meeting::replay(Box::new(OsIds), journal).unwrap();
    let view = replayed.view(person(5)).unwrap();
    let erased: Vec<_> = view.participants.iter().map(|p| p.name.is_erased()).collect();
    assert_eq!(erased, [true, false]);
    assert_eq!(view.chat.iter().map(|c| is_erased(&c.body)).collect::<Vec<_>>(), [true, false]);
    // What they say from now on is not kept either; that they said something is.
    store.append(meeting(1), vec![entry(6, said(4, "still here"))], vec![]).await.unwrap();
    store.append(meeting(1), vec![entry(7, said(5, "who was that"))], vec![]).await.unwrap();
    let journal = store.journal(meeting(1)).await.unwrap();
    assert_eq!(journal.len(), 7);
    assert_eq!(texts(&journal)[2..], ["nothing to hide", "who was that"]);

    store.erase(meeting(1), person(4), Timestamp(2_001)).await.unwrap();
    let lines = store.audit_lines("default", 1, 100).await.unwrap();
    let erasures = lines.iter().filter(|line| line.kind == "participant_erased");
    assert_eq!(erasures.map(|line| line.target).collect::<Vec<_>>(), [Some(person(4))]);
    assert!(store.verify_audit("default").await.unwrap().holds());
}

#[tokio::test]
async fn a_destroyed_key_is_nowhere_in_the_key_folder() {
    let place = Place::new();
    let store = told(&place).await;
    let keys = place.config().key_dir;
    let options = SqliteConnectOptions::new().filename(keys.join("keys.db")).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let (wrapped,): (Vec<u8>,) =
        sqlx::query_as("SELECT wrapped FROM person_key WHERE participant = ?")
            .bind(person(4).to_string())
            .fetch_one(&mut connection)
            .await
            .unwrap();
    connection.close().await.unwrap();
    assert!(!files_with(&keys, &wrapped).is_empty());

    store.erase(meeting(1), person(4), Timestamp(2_000)).await.unwrap();
    assert_eq!(files_with(&keys, &wrapped), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn a_restored_key_database_does_not_bring_an_erased_person_back() {
    let place = Place::new();
    told(&place).await.close().await;
    let keys = place.config().key_dir.join("keys.db");
    let backup = std::fs::read(&keys).unwrap();
    let store = place.open().await;
    store.erase(meeting(1), person(4), Timestamp(2_000)).await.unwrap();
    store.close().await;

    std::fs::write(&keys, backup).unwrap();
    let store = place.open().await;
    assert!(!texts(&store.journal(meeting(1)).await.unwrap()).contains(&CHAT.to_owned()));
}

#[tokio::test]
async fn a_sealed_text_moved_to_another_entry_stays_closed() {
    let place = Place::new();
    let store = told(&place).await;
    change(&place, "DELETE FROM personal WHERE seq = 4").await;
    store.append(meeting(1), vec![entry(6, said(4, "moved"))], vec![]).await.unwrap();
    change(&place, "UPDATE personal SET seq = 4 WHERE seq = 6").await;
    let journal = store.journal(meeting(1)).await.unwrap();
    assert!(!texts(&journal).contains(&"moved".to_owned()));
}

#[tokio::test]
async fn the_audit_holds_ids_and_the_same_hash_for_the_same_person() {
    let place = Place::new();
    let store = told(&place).await;
    let refused = |subject| AuditRecord {
        actor: Some(person(4)),
        target: Some(person(5)),
        code: Some("not_allowed"),
        subject: Some(Subject::new(subject).unwrap()),
        ..AuditRecord::new(Timestamp(3_000), "refused")
    };
    store.audit("default", vec![refused(SUBJECT), refused("another")]).await.unwrap();
    store.audit("other", vec![refused(SUBJECT)]).await.unwrap();

    let lines = store.audit_lines("default", 1, 100).await.unwrap();
    let kinds: Vec<_> = lines.iter().map(|line| line.kind.as_str()).collect();
    assert_eq!(kinds, ["room_created", "joined", "refused", "refused"]);
    assert_eq!(lines.iter().map(|line| line.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(lines[2].code.as_deref(), Some("not_allowed"));
    assert_eq!(lines[1].subject_hash, lines[2].subject_hash);
    assert_ne!(lines[2].subject_hash, lines[3].subject_hash);
    let other = store.audit_lines("other", 1, 100).await.unwrap();
    assert_eq!((other.len(), other[0].seq), (1, 1));
    assert_ne!(other[0].subject_hash, lines[2].subject_hash);
    assert_eq!(store.audit_lines("default", 3, 1).await.unwrap(), [lines[2].clone()]);
}

#[tokio::test]
async fn a_changed_audit_line_is_found_wherever_it_is() {
    for (statement, first_broken) in [
        ("UPDATE audit SET kind = 'room_made' WHERE seq = 1", 1),
        ("UPDATE audit SET at_ms = at_ms + 1 WHERE seq = 2", 2),
        ("UPDATE audit SET code = '' WHERE seq = 2", 2),
        ("UPDATE audit SET actor = NULL WHERE seq = 2", 2),
        ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 3", 3),
        ("UPDATE audit SET subject_hash = NULL WHERE seq = 2", 2),
        ("UPDATE audit SET kind = x'ff' WHERE seq = 3", 3),
        ("UPDATE audit SET tenant = 'elsewhere' WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 2", 2),
    ] {
        let place = Place::new();
        let store = told(&place).await;
        store.audit("default", vec![AuditRecord::new(Timestamp(1), "third")]).await.unwrap();
        let report = store.verify_audit("default").await.unwrap();
        assert_eq!((report.intact, report.broken_at), (3, None));

        change(&place, statement).await;
        let report = store.verify_audit("default").await.unwrap();
        assert_eq!(report.broken_at, Some(first_broken), "{statement}");
        assert_eq!(report.intact, first_broken - 1);
    }
}

#[tokio::test]
async fn a_flipped_bit_in_the_file_is_found() {
    let place = Place::new();
    told(&place).await.close().await;
    let mut bytes = std::fs::read(place.database()).unwrap();
    let at = bytes.windows(12).position(|w| w == b"room_created").unwrap();
    bytes[at] ^= 1;
    std::fs::write(place.database(), bytes).unwrap();
    let report = place.open().await.verify_audit("default").await.unwrap();
    assert_eq!(report.broken_at, Some(1));
}

#[tokio::test]
async fn a_master_key_that_is_wide_open_or_another_one_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    told(&place).await.close().await;
    let master = place.config().key_dir.join("master.key");

    std::fs::set_permissions(&master, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = Store::open(&place.config()).await.err().unwrap();
    assert!(error.to_string().contains("0644"), "{error}");

    std::fs::set_permissions(&master, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&master, [9; 31]).unwrap();
    let error = Store::open(&place.config()).await.err().unwrap();
    assert!(error.to_string().contains("31 bytes"), "{error}");

    std::fs::write(&master, [9; 32]).unwrap();
    let error = Store::open(&place.config()).await.err().unwrap();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
}

//! Rooms, meetings and journals: kept, refused, found again, deleted in time.

mod story;

use conf_core::event::EndReason;
use conf_core::{Event, Span, Timestamp};
use reference_server::store::{AuditRecord, NextGuestLink, Store, StoreError};
use story::{Place, entry, identity, joined, meeting, new_room, opened, room, said, texts};

fn ended() -> Event {
    Event::Ended { reason: EndReason::Empty, by: None }
}

#[tokio::test]
async fn a_room_comes_back_as_it_was_made() {
    let place = Place::new();
    let store = place.open().await;
    let new = new_room(room(1));
    store.create_room(&new).await.unwrap();
    assert!(matches!(store.create_room(&new).await, Err(StoreError::RoomExists { .. })));

    let kept = store.room(room(1)).await.unwrap().unwrap();
    assert_eq!((kept.tenant, kept.config, kept.links), (new.tenant, new.config, new.links));
    assert_eq!(store.room(room(2)).await.unwrap(), None);
}

#[tokio::test]
async fn a_room_holds_one_meeting_at_a_time() {
    let place = Place::new();
    let store = place.with_meeting().await;
    let mut second = identity(1);
    second.meeting = meeting(2);
    let at = Timestamp(20);

    assert!(matches!(
        store.begin_meeting(&second, at).await,
        Err(StoreError::RoomOccupied { found, .. }) if found == meeting(1)
    ));
    assert!(matches!(
        store.begin_meeting(&identity(1), at).await,
        Err(StoreError::MeetingExists { .. })
    ));
    assert!(matches!(
        store.begin_meeting(&identity(7), at).await,
        Err(StoreError::NoSuchRoom { .. })
    ));
    let mut stranger = second.clone();
    stranger.tenant = "other".into();
    assert!(matches!(
        store.begin_meeting(&stranger, at).await,
        Err(StoreError::TenantMismatch { .. })
    ));

    store.end_meeting(meeting(1), at).await.unwrap();
    store.end_meeting(meeting(1), at).await.unwrap();
    assert_eq!(store.meeting_of(room(1)).await.unwrap(), None);
    store.begin_meeting(&second, at).await.unwrap();
    assert_eq!(store.meeting_of(room(1)).await.unwrap(), Some(second));
}

#[tokio::test]
async fn a_journal_is_there_again_after_a_restart() {
    let place = Place::new();
    let store = place.with_meeting().await;
    let entries =
        vec![entry(1, opened(1)), entry(2, joined(4, "s", "Ada")), entry(3, said(4, "hi"))];
    store.append(meeting(1), entries.clone(), vec![]).await.unwrap();
    store.close().await;
    assert!(matches!(store.append(meeting(1), vec![], vec![]).await, Err(StoreError::Stopped)));

    let store = place.open().await;
    assert_eq!(store.live_meetings().await.unwrap(), [identity(1)]);
    assert_eq!(store.journal(meeting(1)).await.unwrap(), entries);
    store.append(meeting(1), vec![entry(4, said(4, "back"))], vec![]).await.unwrap();
    assert_eq!(texts(&store.journal(meeting(1)).await.unwrap()), ["s", "Ada", "hi", "back"]);
}

#[tokio::test]
async fn a_store_that_was_never_closed_opens_again() {
    let place = Place::new();
    let store = place.with_meeting().await;
    store.append(meeting(1), vec![entry(1, opened(1))], vec![]).await.unwrap();
    drop(store);
    assert_eq!(place.open().await.journal(meeting(1)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_entry_that_does_not_follow_is_refused_and_nothing_is_kept() {
    let place = Place::new();
    let store = place.with_meeting().await;
    let audit = || vec![AuditRecord::new(Timestamp(1), "canary")];

    for wrong in [vec![entry(2, opened(1))], vec![entry(1, opened(1)), entry(3, said(4, "x"))]] {
        let refused = store.append(meeting(1), wrong, audit()).await;
        assert!(matches!(refused, Err(StoreError::SeqGap { .. })), "{refused:?}");
    }
    assert!(store.journal(meeting(1)).await.unwrap().is_empty());
    let kept = store.audit_lines("default", 1, 10).await.unwrap();
    assert!(kept.iter().all(|line| line.kind != "canary"));

    let unknown = store.append(meeting(9), vec![entry(1, opened(9))], audit()).await;
    assert!(matches!(unknown, Err(StoreError::NoSuchMeeting { .. })));
    assert!(matches!(store.journal(meeting(9)).await, Err(StoreError::NoSuchMeeting { .. })));
}

#[tokio::test]
async fn the_last_entry_closes_the_journal() {
    let place = Place::new();
    let store = place.with_meeting().await;
    let entries = vec![entry(1, opened(1)), entry(2, ended())];
    store.append(meeting(1), entries, vec![]).await.unwrap();

    assert!(store.live_meetings().await.unwrap().is_empty());
    let late = store.append(meeting(1), vec![entry(3, said(4, "x"))], vec![]).await;
    assert!(matches!(late, Err(StoreError::MeetingEnded { .. })));
    assert_eq!(store.journal(meeting(1)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn many_meetings_write_at_a_time_and_a_refused_one_stops_no_other() {
    const MEETINGS: u128 = 20;
    let place = Place::new();
    let store = place.open().await;
    for number in 1..=MEETINGS {
        store.create_room(&new_room(room(number))).await.unwrap();
        store.begin_meeting(&identity(number), Timestamp(1)).await.unwrap();
    }
    let tasks: Vec<_> = (1..=MEETINGS)
        .map(|number| {
            let store: Store = store.clone();
            tokio::spawn(async move {
                let mut refused = 0;
                for seq in 1..=20 {
                    let event = if seq == 1 { opened(number) } else { said(number, "hello") };
                    let wrong = vec![entry(seq + 1, event.clone())];
                    refused +=
                        u32::from(store.append(meeting(number), wrong, vec![]).await.is_err());
                    let record = vec![AuditRecord::new(Timestamp(seq), "said")];
                    store.append(meeting(number), vec![entry(seq, event)], record).await.unwrap();
                }
                refused
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 20);
    }
    for number in 1..=MEETINGS {
        assert_eq!(store.journal(meeting(number)).await.unwrap().len(), 20);
    }
    let report = store.verify_audit("default").await.unwrap();
    assert!(report.holds());
    assert_eq!(report.intact, 20 * 20 + 20);
}

#[tokio::test]
async fn a_journal_is_deleted_with_its_keys_when_it_is_due() {
    let place = Place::new();
    let store = place.with_meeting().await;
    let entries = vec![entry(1, opened(1)), entry(2, joined(4, "s", "Ada")), entry(3, ended())];
    store.append(meeting(1), entries, vec![]).await.unwrap();
    let over = Timestamp(1_003);
    let day = Span::from_mins(24 * 60);

    assert_eq!(store.delete_due(Timestamp(5), day).await.unwrap(), 0);
    assert_eq!(store.delete_due(Timestamp(1_002) + day, day).await.unwrap(), 0);
    assert_eq!(store.journal(meeting(1)).await.unwrap().len(), 3);
    assert_eq!(store.delete_due(over + day, day).await.unwrap(), 1);
    assert!(matches!(store.journal(meeting(1)).await, Err(StoreError::NoSuchMeeting { .. })));
    assert_eq!(store.delete_due(over + day, day).await.unwrap(), 0);

    // A meeting that is on is never due.
    let mut next = identity(1);
    next.meeting = meeting(2);
    store.begin_meeting(&next, over).await.unwrap();
    assert_eq!(store.delete_due(over + day + day, day).await.unwrap(), 0);
    assert_eq!(store.live_meetings().await.unwrap(), [next]);
}

#[tokio::test]
async fn a_failing_disk_answers_and_the_next_append_works() {
    let place = Place::new();
    let store = place.with_meeting().await;
    sabotage(&place, "ALTER TABLE journal RENAME TO lost").await;
    let failed = store.append(meeting(1), vec![entry(1, opened(1))], vec![]).await;
    assert!(matches!(&failed, Err(error @ StoreError::Database { .. }) if !error.is_refusal()));
    sabotage(&place, "ALTER TABLE lost RENAME TO journal").await;
    store.append(meeting(1), vec![entry(1, opened(1))], vec![]).await.unwrap();
}

async fn sabotage(place: &Place, statement: &'static str) {
    use sqlx::{Connection as _, SqliteConnection};
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(place.database());
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query(statement).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_guest_link_is_replaced_with_its_entry_or_not_at_all() {
    let place = Place::new();
    let store = place.with_meeting().await;
    let next = |number| Some(NextGuestLink { key_hash: [9; 32], number });
    let rotated = |link| Event::LinkRotated { link, by: story::person(1) };
    let before = store.room(room(1)).await.unwrap().unwrap();
    assert_eq!(before.guest_link(), 0);

    let gap = vec![entry(99, rotated(1))];
    let refused = store.append_with_link(meeting(1), gap, Vec::new(), next(1)).await;
    assert!(matches!(refused, Err(StoreError::SeqGap { .. })));
    assert_eq!(store.room(room(1)).await.unwrap().unwrap().links, before.links);

    let kept = vec![entry(1, opened(1)), entry(2, rotated(1))];
    store.append_with_link(meeting(1), kept, Vec::new(), next(1)).await.unwrap();
    let after = store.room(room(1)).await.unwrap().unwrap();
    assert_eq!(after.guest_link(), 1);
    assert_eq!(after.links[0], before.links[0], "the moderators' link is as it was");
    assert_eq!(after.links[1].key_hash, [9; 32]);
}

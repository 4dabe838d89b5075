//! Many people in one room: who speaks is heard by all, and who joins disturbs nobody.
#![allow(clippy::print_stderr, reason = "figures for whoever runs it")]

mod meet;

use std::collections::BTreeSet;
use std::time::Duration;

use conf_client::driver::{JoinOptions, Participant};
use conf_client::link::{Engine, MediaPlan};
use conf_client::script::{self, Load};
use conf_client::synthetic::studio::{SILENCE, SPEECH};
use conf_proto::{ParticipantId, Source};
use meet::{House, join, within};

const PEOPLE: usize = 30;
const AUDIO_SLOTS: u8 = 3;
/// 300 ms in packets of 20 ms: no first word of a new speaker may lack more.
const MOST_MISSED: u32 = 15;

/// Lets exactly these speak; gives each one's own number of the first loud packet.
fn speak(people: &[Participant], speakers: &[usize]) {
    for (at, person) in people.iter().enumerate() {
        let level = if speakers.contains(&at) { SPEECH } else { SILENCE };
        person.devices().studio(|studio| studio.speak(level));
    }
}

/// Waits until everyone has received some packets of each speaker but himself.
async fn everyone_hears(people: &[Participant], speakers: &[usize], packets: u64) {
    for (at, listener) in people.iter().enumerate() {
        let others: Vec<ParticipantId> =
            speakers.iter().filter(|s| **s != at).map(|s| people[*s].id()).collect();
        let heard = listener.until_received(|reception| {
            others.iter().all(|id| reception.source(*id, Source::Microphone).packets >= packets)
        });
        within(&format!("listener {at} hears the {} who speak", others.len()), heard).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_thirty_open_microphones_the_three_who_speak_are_heard_by_everyone() {
    let house = House::open().await;
    let room = house.room().await;
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let plan = MediaPlan {
            camera: None,
            audio_slots: AUDIO_SLOTS,
            video_slots: 0,
            ..MediaPlan::default()
        };
        let options =
            JoinOptions::new(house.api.clone(), room.guests.clone(), format!("P{number}"));
        let mut options = options.plan(plan).publish([Source::Microphone]);
        options.phase = number as u64 * 7_919;
        let person = join(options).await;
        person.devices().studio(|studio| studio.speak(SILENCE));
        people.push(person);
    }
    for person in &people {
        assert!(within("media connects", person.until_media()).await);
    }

    let turns = [[0, 1, 2], [10, 11, 12], [27, 1, 29]];
    let mut missed = Vec::new();
    let mut before = BTreeSet::new();
    for turn in turns {
        people.iter().for_each(|person| person.stats(|reception| reception.reset()));
        let first: Vec<u32> = people
            .iter()
            .map(|person| person.devices().studio(|studio| studio.sent(Source::Microphone)))
            .collect();
        speak(&people, &turn);
        everyone_hears(&people, &turn, 50).await;
        // Who went on speaking kept his slot: what counts is who is new.
        let new: Vec<usize> = turn.into_iter().filter(|s| !before.contains(s)).collect();
        for (at, listener) in people.iter().enumerate() {
            for speaker in new.iter().filter(|s| **s != at) {
                let id = people[*speaker].id();
                let heard = listener.stats(|r| r.source(id, Source::Microphone).first_seq);
                let heard = heard.expect("heard above");
                missed.push(heard.saturating_sub(first[*speaker]));
            }
            let total = listener.stats(|reception| reception.total());
            let broken = (total.lost, total.gaps, total.timestamp_breaks, total.repeated);
            assert_eq!(broken, (0, 0, 0, 0), "listener {at}: {total:?}");
        }
        before = turn.into_iter().collect();
    }
    missed.sort_unstable();
    let (half, most) = (missed[missed.len() / 2], missed[missed.len() - 1]);
    eprintln!("a new speaker is heard after {} ms, at most {} ms", half * 20, most * 20);
    assert!(most <= MOST_MISSED, "a listener missed {most} packets of a new speaker: {missed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_are_there_lose_nothing_and_negotiate_nothing_when_others_join() {
    let house = House::open().await;
    let load = Load {
        api: house.api.clone(),
        operator_key: None,
        rooms: 1,
        publishers: 3,
        subscribers: 21,
        video_slots: 2,
        duration: Duration::from_secs(6),
        late: 6,
        late_within: Duration::from_secs(3),
        kbps: 100,
        simulcast: false,
        audio: true,
        engine: Engine::Light,
        server_pid: None,
    };
    let runtime = tokio::runtime::Handle::current();
    let report = within("the story", script::run(&load, &runtime, |_| {})).await.unwrap();
    assert_eq!((report.lost, report.gaps, report.idle_slots), (0, 0, 0), "{report:?}");
    assert_eq!(report.further_offers, 0, "{report:?}");
    let late = report.late_comers.as_ref().expect("six came late");
    assert_eq!(late.people, 6);
    eprintln!("six joined within {:.1} s, the slowest in {:.0} ms", late.seconds, late.join_max_ms);
}

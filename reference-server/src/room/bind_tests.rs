//! What a meeting's map of participants and endpoints says to the media plane.

use conf_core::Role;
use conf_core::id::ParticipantId;
use conf_core::policy::lock::{Lock, LockSet};
use conf_core::policy::watch::Sight;
use conf_core::stage::codec::VideoCodec;
use conf_core::stage::source::Source;

use conf_media::rtp::Codec;
use conf_media::shard::{Command, Wish, Wished as MediaWished, Withheld as MediaWithheld};
use conf_media::{EndpointId, GroupId, TrackId};
use conf_proto::{Wish as AskedWish, Wished, Withheld, WithheldPicture};

use super::bind::{Bind, group_of};
use super::meeting_of::meeting_of;

fn who(number: u128) -> ParticipantId {
    ParticipantId::from_number(number)
}

fn offer(sources: &[(&str, Source)]) -> conf_proto::Offer {
    let sources = sources.iter().map(|(mid, source)| ((*mid).to_owned(), *source)).collect();
    conf_proto::Offer { number: 1, fresh: true, sdp: String::new(), sources }
}

/// What is to be seen where `moderator` hides participants' cameras, `participant`'s too.
fn hiding(moderator: ParticipantId, participant: ParticipantId) -> Sight {
    let people = [(moderator, Role::Moderator), (participant, Role::Participant)];
    meeting_of(LockSet::NONE.set(Lock::SeeCameras, true), &people).sight()
}

fn track_of(commands: &[Command], mid: &str) -> TrackId {
    let offered = commands.iter().find_map(|command| match command {
        Command::Connect { offer, .. } | Command::Reoffer { offer, .. } => Some(offer),
        _ => None,
    });
    offered.expect("an offer").tracks[mid]
}

#[test]
fn every_offer_asks_for_the_rooms_codec() {
    let asked = [Codec::Vp8, Codec::H264, Codec::Vp9, Codec::Av1];
    for (codec, expected) in VideoCodec::ALL.into_iter().zip(asked) {
        let mut bind = Bind::new(GroupId(3)).asking_for(codec);
        let (_, first) = bind.connect(who(1), offer(&[("0", Source::Camera)]));
        let (_, further) = bind.reoffer(who(1), offer(&[("0", Source::Camera)])).unwrap();
        for commands in [first, further] {
            assert!(commands.iter().any(|command| matches!(
                command,
                Command::Connect { offer, .. } | Command::Reoffer { offer, .. }
                    if offer.video == expected
            )));
        }
    }
}

#[test]
fn a_gate_opened_before_the_connection_opens_with_it() {
    let mut bind = Bind::new(GroupId(3));
    assert_eq!(bind.gate(who(1), Source::Camera, true), []);
    let (endpoint, commands) = bind.connect(who(1), offer(&[("0", Source::Camera)]));
    let track = track_of(&commands, "0");
    assert_eq!(commands.last(), Some(&Command::Gate { track, open: true }));
    assert_eq!(group_of(endpoint), GroupId(3));
}

#[test]
fn a_closed_gate_stays_closed_over_a_new_connection() {
    let mut bind = Bind::new(GroupId(1));
    bind.gate(who(1), Source::Microphone, true);
    bind.connect(who(1), offer(&[("0", Source::Microphone)]));
    let closed = bind.gate(who(1), Source::Microphone, false);
    assert!(matches!(closed[..], [Command::Gate { open: false, .. }]));
    let (_, commands) = bind.connect(who(1), offer(&[("0", Source::Microphone)]));
    assert!(!commands.iter().any(|c| matches!(c, Command::Gate { open: true, .. })));
}

#[test]
fn every_connection_is_held_to_the_cameras_its_person_may_see() {
    let (ann, bob) = (who(1), who(2));
    let mut bind = Bind::new(GroupId(1));
    let (first, _) = bind.connect(bob, offer(&[]));
    let (plays, _) = bind.play(bob, String::new(), None);
    bind.connect(ann, offer(&[("0", Source::Camera)]));
    let told = bind.see(hiding(ann, bob));
    let mut held: Vec<EndpointId> = Vec::new();
    for command in &told {
        let Command::Cameras { endpoint, shown: Some(shown) } = command else {
            panic!("{command:?}")
        };
        assert_eq!(shown.len(), 1, "hers alone");
        held.push(*endpoint);
    }
    assert_eq!(held, [first, plays], "his, and not hers");
    assert_eq!(bind.see(hiding(ann, bob)), [], "nothing is said twice");
    for (_, commands) in [bind.connect(bob, offer(&[])), bind.play(bob, String::new(), None)] {
        assert!(commands.iter().any(|c| matches!(c, Command::Cameras { shown: Some(_), .. })));
    }
    let lifted = bind.see(Sight::default());
    assert!(!lifted.is_empty());
    assert!(lifted.iter().all(|c| matches!(c, Command::Cameras { shown: None, .. })));
}

#[test]
fn an_interpreters_camera_is_marked_whenever_it_is_connected() {
    let mut bind = Bind::new(GroupId(1)).interpreted_by([who(1)].into_iter());
    let (_, commands) = bind.connect(who(1), offer(&[("0", Source::Camera)]));
    let track = track_of(&commands, "0");
    let mark = |interpreter| Command::Mark { track, interpreter };
    assert!(commands.contains(&mark(true)), "marked before a restart");
    assert_eq!(bind.interpret(who(1), false), [mark(false)]);
    let (_, commands) = bind.connect(who(1), offer(&[("0", Source::Camera)]));
    assert!(!commands.contains(&mark(true)));
    assert_eq!(bind.interpret(who(1), true), [mark(true)]);
    let (_, commands) = bind.reoffer(who(1), offer(&[("0", Source::Camera)])).unwrap();
    assert!(commands.contains(&mark(true)), "a line may be added by it");
    bind.disconnect(who(1));
    assert_eq!(bind.interpret(who(1), false), [], "there is nothing to mark");
}

#[test]
fn a_new_connection_removes_the_old_one_first_and_keeps_its_tracks() {
    let mut bind = Bind::new(GroupId(1));
    let (old, before) = bind.connect(who(1), offer(&[("0", Source::Screen)]));
    let (new, after) = bind.connect(who(1), offer(&[("5", Source::Screen)]));
    assert_ne!(old, new);
    assert_eq!(after[0], Command::Remove { endpoint: old });
    assert_eq!(track_of(&before, "0"), track_of(&after, "5"));

    bind.gone(old);
    assert!(bind.connected(who(1)), "late news of the old one changes nothing");
    bind.gone(new);
    assert!(!bind.connected(who(1)));
}

#[test]
fn wishes_follow_a_publisher_to_a_first_connection() {
    let mut bind = Bind::new(GroupId(1));
    let (bob, _) = bind.connect(who(2), offer(&[]));
    let wish = AskedWish::source(who(1), Source::Camera, 720);
    assert_eq!(
        bind.wish(who(2), vec![wish]),
        [Command::Wish { endpoint: bob, wishes: Vec::new() }]
    );
    let (_, commands) = bind.connect(who(1), offer(&[("0", Source::Camera)]));
    let track = track_of(&commands, "0");
    let wishes = vec![Wish { of: MediaWished::Track(track), height: 720 }];
    assert_eq!(commands.last(), Some(&Command::Wish { endpoint: bob, wishes }));
}

#[test]
fn slots_are_told_in_the_meetings_words_and_remembered() {
    let mut bind = Bind::new(GroupId(1));
    let (_, commands) = bind.connect(who(1), offer(&[("0", Source::Camera)]));
    let track = track_of(&commands, "0");
    let (bob, _) = bind.connect(who(2), offer(&[]));
    let changed = vec![("7".to_owned(), Some(track)), ("8".to_owned(), None)];
    let (to, told) = bind.slots(bob, changed).expect("bob is connected");
    assert_eq!(to, who(2));
    assert_eq!(told[0].participant, Some(who(1)));
    assert_eq!(told[0].source, Some(Source::Camera));
    assert_eq!(told[1].participant, None);
    assert_eq!(bind.all_slots(who(2)), told);

    bind.forget(who(1));
    assert_eq!(bind.all_slots(who(2))[0].participant, None, "nobody is named after leaving");
}

#[test]
fn what_is_withheld_is_told_in_full_to_the_connection_that_counts() {
    let mut bind = Bind::new(GroupId(1));
    let (_, commands) = bind.connect(who(1), offer(&[("0", Source::Camera)]));
    let camera = track_of(&commands, "0");
    let (old, _) = bind.connect(who(2), offer(&[]));
    let (bob, _) = bind.connect(who(2), offer(&[]));
    let (plays, _) = bind.play(who(2), String::new(), None);
    for other in [old, plays] {
        assert_eq!(bind.withheld(other, vec![(camera, MediaWithheld::Off)]), None);
    }
    let lowered =
        WithheldPicture { participant: who(1), source: Source::Camera, what: Withheld::Lowered };
    let told = bind.withheld(bob, vec![(camera, MediaWithheld::Lowered)]);
    assert_eq!(told, Some((who(2), vec![lowered.clone()])));
    assert_eq!(bind.all_withheld(who(2)), [lowered]);
    assert_eq!(bind.all_withheld(who(1)), [], "it is nobody else's");
    assert_eq!(bind.withheld(bob, Vec::new()), Some((who(2), Vec::new())), "all comes again");

    bind.withheld(bob, vec![(camera, MediaWithheld::Off)]);
    bind.connect(who(2), offer(&[]));
    assert_eq!(bind.all_withheld(who(2)), [], "a new connection begins with nothing");
}

#[test]
fn a_wish_for_a_speaker_and_a_camera_are_said_in_the_media_planes_words() {
    let mut bind = Bind::new(GroupId(1));
    let (_, commands) =
        bind.connect(who(1), offer(&[("0", Source::Camera), ("1", Source::Screen)]));
    let Some(Command::Connect { offer, .. }) = commands.first() else { panic!("no offer") };
    let camera = track_of(&commands, "0");
    assert_eq!(offer.cameras.iter().collect::<Vec<_>>(), [&camera]);
    let wish = AskedWish { of: Wished::Speaker { speaker: 2 }, height: 360 };
    let told = bind.wish(who(1), vec![wish]);
    let [Command::Wish { wishes, .. }] = &told[..] else { panic!("{told:?}") };
    assert_eq!(wishes[..], [Wish { of: MediaWished::Speaker(2), height: 360 }]);
}

#[test]
fn layers_are_told_to_whose_they_are_and_forgotten_with_the_connection() {
    let mut bind = Bind::new(GroupId(1));
    let (alice, commands) = bind.connect(who(1), offer(&[("0", Source::Camera)]));
    let camera = track_of(&commands, "0");
    let (bob, _) = bind.connect(who(2), offer(&[]));
    assert_eq!(bind.layers(bob, camera, vec![true, false]), None, "not his");
    let told = bind.layers(alice, camera, vec![true, false]);
    assert_eq!(told, Some((who(1), Source::Camera)));
    assert_eq!(bind.all_layers(who(1)), [(Source::Camera, vec![true, false])]);
    assert_eq!(bind.restate_all().len(), 2);
    bind.gone(alice);
    assert_eq!(bind.all_layers(who(1)), []);
}

#[test]
fn the_sound_of_a_film_is_its_publishers_and_not_their_voice() {
    let mut bind = Bind::new(GroupId(1));
    let ann = who(1);
    let offered = offer(&[("0", Source::Microphone), ("1", Source::ScreenAudio)]);
    let (_, commands) = bind.connect(ann, offered);
    let [voice, film] = ["0", "1"].map(|mid| track_of(&commands, mid));
    assert_eq!(bind.publishers(&[film, voice]), [ann, ann]);
    assert_eq!(bind.voices(&[film]).count(), 0);
    assert_eq!(bind.voices(&[film, voice]).collect::<Vec<_>>(), [ann]);
}

//! How much of files a meeting takes, with what is on its way.

use std::collections::BTreeSet;

use conf_core::{Command, Denied, FileGroup, FileLimits, Input};

use crate::support::{Room, config, offer};

fn room_of(limits: FileLimits) -> Room {
    Room::of_three(config().files(limits))
}

#[test]
fn types_are_taken_by_the_list_of_the_room() {
    let images = BTreeSet::from([FileGroup::Images]);
    let mut room = room_of(FileLimits::default().groups(images));
    for name in ["a.pdf", "a.exe", "a.png.exe", "a", "a.html", "a.svg", "../a.png"] {
        assert_eq!(room.refused("bob", offer(name, 1, None)), Denied::FileType, "{name}");
    }
    room.hand_on("bob", offer("a.png", 1, None)).expect("an image");
    let mut room = room_of(FileLimits::default());
    assert_eq!(room.refused("bob", offer("a.zip", 1, None)), Denied::FileType, "by default");
    let mut none = room_of(FileLimits::none());
    assert_eq!(none.refused("ann", offer("a.pdf", 1, None)), Denied::TooManyFiles { max: 0 });
}

#[test]
fn one_is_not_too_long_and_all_together_are_not() {
    let mut room = room_of(FileLimits::default().one_bytes(10).all_bytes(25).count(3));
    assert_eq!(room.refused("bob", offer("a.txt", 0, None)), Denied::FileEmpty);
    assert_eq!(room.refused("bob", offer("a.txt", 11, None)), Denied::FileTooLarge { max: 10 });
    let first = room.hand_on("bob", offer("a.txt", 10, None)).expect("room");
    let way = room.offer("bob", offer("b.txt", 10, None)).expect("room");
    // What is on its way is counted.
    assert_eq!(room.refused("cleo", offer("c.txt", 6, None)), Denied::FilesFull { max: 25 });
    room.hand_in(Input::UploadEnded { file: way }).expect("always taken");
    room.hand_on("cleo", offer("c.txt", 6, None)).expect("room again");
    room.hand_on("cleo", offer("d.txt", 1, None)).expect("room");
    assert_eq!(room.refused("cleo", offer("e.txt", 1, None)), Denied::TooManyFiles { max: 3 });
    room.ask("bob", Command::DeleteFile { file: first });
    room.hand_on("cleo", offer("e.txt", 8, None)).expect("room again");
}

#[test]
fn few_are_on_their_way_at_a_time_and_none_of_who_left() {
    let mut room = room_of(FileLimits::default());
    for _ in 0..3 {
        room.offer("bob", offer("a.txt", 1, None)).expect("granted");
    }
    let denied = room.refused("bob", offer("a.txt", 1, None));
    assert_eq!(denied, Denied::UploadsRunning { max: 3 });
    room.offer("cleo", offer("a.txt", 1, None)).expect("another's do not count");
    room.ask("bob", Command::Leave);
    assert_eq!(room.watched.meeting.uploads().count(), 1);
}
